/**
 * Wanted elements, and the patch that makes a page look like them. Knows the DOM and nothing of views.
 *
 * What is on the page stays there as long as it fits, so that focus, text selection, typed text and scroll positions survive an
 * update. A row that moves is moved, not made again. Text enters as text only; there is no way to say HTML here.
 */
import { isSafe, safeTag, type Tree } from './tree';

const SVG = 'http://www.w3.org/2000/svg';

export interface Wanted {
  tag: string;
  /** Two siblings of one tag with different keys never stand in for each other. */
  key: string;
  attributes: Readonly<Record<string, string>>;
  content: WantedChild[];
  /** Where the page keeps its state: a path of keys. */
  id: string;
  /** The node that it is drawn from, with what it does. */
  source: Tree | null;
  /** What is in a text box, or whether a box is checked. */
  value?: string | boolean;
}
export type WantedChild = Wanted | string;

/** What an element was made to look like last: the very same again is done already. */
const worn = new WeakMap<Node, Wanted>();

/** What an element shows. */
export const wantedOf = (element: Node | null): Wanted | undefined =>
  element ? worn.get(element) : undefined;

/** Make the children of `parent` be the wanted ones. */
export function patch(parent: Element, children: WantedChild[]): void {
  const found = matched(parent, children);
  for (const node of [...parent.childNodes]) if (!found.kept.has(node)) node.remove();
  let next = parent.firstChild;
  children.forEach((child, place) => {
    const node = found.nodes[place] ?? made(child, parent);
    if (node !== next) {
      // A row that goes down is taken out of the way of those behind it, unless the focus is in it: it comes in again below.
      if (next && next.nextSibling === node && !next.contains(document.activeElement)) {
        next.remove();
        next = node.nextSibling;
      } else parent.insertBefore(node, next);
    } else next = node.nextSibling;
    if (typeof child === 'string') write(node as Text, child);
    else dress(node as HTMLElement, child);
  });
}

/** For each wanted child the node that is there for it already. */
function matched(parent: Element, children: WantedChild[]) {
  const free = new Map<string, ChildNode[]>();
  for (const node of parent.childNodes) {
    const name = node.nodeType === 3 ? '' : nameOf(worn.get(node));
    const others = free.get(name);
    if (others) others.push(node);
    else free.set(name, [node]);
  }
  const nodes = children.map((child) => free.get(typeof child === 'string' ? '' : nameOf(child))?.shift());
  return { nodes, kept: new Set<ChildNode | undefined>(nodes) };
}

const nameOf = (wanted?: Wanted) => (wanted ? `${wanted.tag} ${wanted.key}` : '?');

function made(child: WantedChild, parent: Element): ChildNode {
  if (typeof child === 'string') return document.createTextNode(child);
  const isSvg = child.tag === 'svg' || parent.namespaceURI === SVG;
  return isSvg
    ? document.createElementNS(SVG, safeTag(child.tag))
    : document.createElement(safeTag(child.tag));
}

/** Text that only grows is appended to: a selection in it stays. */
function write(node: Text, text: string): void {
  const old = node.data;
  if (old === text) return;
  if (text.startsWith(old)) node.appendData(text.slice(old.length));
  else node.data = text;
}

function dress(element: HTMLElement, wanted: Wanted): void {
  if (worn.get(element) === wanted) return;
  worn.set(element, wanted);
  const { attributes, value, content, source } = wanted;
  for (const name of element.getAttributeNames())
    if (!(name in attributes) && name !== 'style') element.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes))
    if (element.getAttribute(name) !== value && isSafe(name, value)) element.setAttribute(name, value);
  for (const letter of ['a', 'w']) {
    const place = source?.[1][`data-${letter}`];
    if (place !== undefined) element.style.setProperty(`--${letter}`, `${place}%`);
  }
  if (wanted.tag !== 'textarea') patch(element, content);
  const box = element as HTMLInputElement;
  if (typeof value === 'boolean') box.checked = value;
  else if (value !== undefined && box.value !== value) box.value = value;
}
