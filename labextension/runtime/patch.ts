/**
 * VNode elements, and the patch that makes a page look like them. Knows the DOM and nothing of views.
 *
 * What is on the page stays there as long as it fits, so that focus, text selection, typed text and scroll positions survive an
 * update. A row that moves is moved, not made again. Text enters as text only; there is no way to say HTML here.
 */
import { isSafe, safeTag, type Tree } from './tree';

const SVG = 'http://www.w3.org/2000/svg';

export interface VNode {
  tag: string;
  /** Two siblings of one tag with different keys never stand in for each other. */
  key: string;
  attributes: Readonly<Record<string, string>>;
  content: Renderable[];
  /** Where the page keeps its state: a path of keys. */
  id: string;
  /** The node that it is drawn from, with what it does. */
  source: Tree | null;
  /** What is in a text box, or whether a box is checked. */
  value?: string | boolean;
}
export type Renderable = VNode | string;

/** What an element was made to look like last: the very same again is done already. */
const lastRendered = new WeakMap<Node, VNode>();

/** What an element shows. */
export const vnodeOf = (element: Node | null): VNode | undefined => (element ? lastRendered.get(element) : undefined);

/** Make the children of `parent` be the vnode ones. */
export function patch(parent: Element, children: Renderable[]): void {
  const found = matched(parent, children);
  for (const node of [...parent.childNodes]) if (!found.kept.has(node)) node.remove();
  let next = parent.firstChild;
  children.forEach((child, place) => {
    const node = found.nodes[place] ?? createNode(child, parent);
    if (node !== next) {
      // A row that goes down is taken out of the way of those behind it, unless the focus is in it: it comes in again below.
      if (next && next.nextSibling === node && !next.contains(document.activeElement)) {
        next.remove();
        next = node.nextSibling;
      } else parent.insertBefore(node, next);
    } else next = node.nextSibling;
    if (typeof child === 'string') write(node as Text, child);
    else applyProps(node as HTMLElement, child);
  });
}

/** For each vnode child the node that is there for it already. */
function matched(parent: Element, children: Renderable[]) {
  const free = new Map<string, ChildNode[]>();
  for (const node of parent.childNodes) {
    const name = node.nodeType === 3 ? '' : nameOf(lastRendered.get(node));
    const others = free.get(name);
    if (others) others.push(node);
    else free.set(name, [node]);
  }
  const nodes = children.map((child) => free.get(typeof child === 'string' ? '' : nameOf(child))?.shift());
  return { nodes, kept: new Set<ChildNode | undefined>(nodes) };
}

const nameOf = (vnode?: VNode) => (vnode ? `${vnode.tag} ${vnode.key}` : '?');

function createNode(child: Renderable, parent: Element): ChildNode {
  if (typeof child === 'string') return document.createTextNode(child);
  const isSvg = child.tag === 'svg' || parent.namespaceURI === SVG;
  return isSvg ? document.createElementNS(SVG, safeTag(child.tag)) : document.createElement(safeTag(child.tag));
}

/** Text that only grows is appended to: a selection in it stays. */
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
    const place = source?.[1][`data-${letter}`];
    if (place !== undefined) element.style.setProperty(`--${letter}`, `${place}%`);
  }
  if (vnode.tag !== 'textarea') patch(element, content);
  const box = element as HTMLInputElement;
  if (typeof value === 'boolean') box.checked = value;
  else if (value !== undefined && box.value !== value) box.value = value;
}
