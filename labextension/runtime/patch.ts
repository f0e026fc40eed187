/**
 * Virtual elements, and the patch that changes a page to match them. Knows the DOM; knows no view.
 *
 * Elements are reused wherever possible, so that focus, selection, typed text and scroll positions survive an update. A row that
 * changes its place is moved, not created again. All text is inserted as text; no HTML is parsed.
 */
import { isSafe, safeTag, type Tree } from './tree';

const SVG = 'http://www.w3.org/2000/svg';

export interface VNode {
  tag: string;
  /** Siblings with one tag and different keys are different elements. */
  key: string;
  attributes: Record<string, string>;
  content: Renderable[];
  /** The id of its state: a path of keys. */
  id: string;
  /** The node of the tree that it was made from. */
  source: Tree;
  /** The text of a text box, or whether a box is checked. */
  value?: string | boolean;
}
export type Renderable = VNode | string;

/** The virtual element that was drawn last for an element; the same one is not drawn again. */
const lastRendered = new WeakMap<Node, VNode>();

export const vnodeOf = (element: Node | null): VNode | undefined => (element ? lastRendered.get(element) : undefined);

/** Change the children of `parent` to match `children`. */
export function patch(parent: Element, children: Renderable[]): void {
  const free = nodesByName(parent);
  const nodes = children.map((child) => free.get(nameOf(child))?.shift() ?? createNode(child, parent));
  for (const others of free.values()) for (const node of others) node.remove();
  let next = parent.firstChild;
  children.forEach((child, place) => {
    const node = nodes[place]!;
    if (node !== next) {
      // A row that moves down is removed first, unless it has the focus, so that the rows after it need not move.
      if (next && next.nextSibling === node && !next.contains(document.activeElement)) {
        next.remove();
        next = node.nextSibling;
      } else parent.insertBefore(node, next);
    } else next = node.nextSibling;
    if (typeof child === 'string') write(node as Text, child);
    else applyProps(node as HTMLElement, child);
  });
}

/** The existing child nodes, by tag and key. */
function nodesByName(parent: Element): Map<string, ChildNode[]> {
  const found = new Map<string, ChildNode[]>();
  for (const node of parent.childNodes) {
    const name = node.nodeType === 3 ? '' : nameOf(lastRendered.get(node));
    const others = found.get(name);
    if (others) others.push(node);
    else found.set(name, [node]);
  }
  return found;
}

/** The name of a text is ''. */
const nameOf = (child?: Renderable) =>
  typeof child === 'object' ? `${child.tag} ${child.key}` : child == null ? '?' : '';

function createNode(child: Renderable, parent: Element): ChildNode {
  if (typeof child === 'string') return document.createTextNode(child);
  const isSvg = child.tag === 'svg' || parent.namespaceURI === SVG;
  return isSvg ? document.createElementNS(SVG, safeTag(child.tag)) : document.createElement(safeTag(child.tag));
}

/** Append to text that grows, so that a selection in it survives. */
function write(node: Text, text: string): void {
  const old = node.data;
  if (old === text) return;
  if (text.startsWith(old)) node.appendData(text.slice(old.length));
  else node.data = text;
}

function applyProps(element: HTMLElement, vnode: VNode): void {
  if (lastRendered.get(element) === vnode) return;
  lastRendered.set(element, vnode);
  const { attributes, value, content, source } = vnode;
  for (const name of element.getAttributeNames())
    if (!(name in attributes) && name !== 'style') element.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes))
    if (element.getAttribute(name) !== value && isSafe(name, value)) element.setAttribute(name, value);
  for (const letter of ['a', 'w']) {
    const place = source[1][`data-${letter}`];
    if (place !== undefined) element.style.setProperty(`--${letter}`, `${place}%`);
  }
  if (vnode.tag !== 'textarea') patch(element, content);
  const box = element as HTMLInputElement;
  if (typeof value === 'boolean') box.checked = value;
  else if (value !== undefined && box.value !== value) box.value = value;
}
