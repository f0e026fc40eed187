/**
 * Wanted elements, and the patch that makes a page look like them. Knows the DOM and nothing of cards.
 *
 * What is on the page stays there as long as it fits, so that focus, an open <details>, a text selection and scroll
 * positions survive an update. Text enters as text only, with every character visible and places to break a line; there is
 * no way to say HTML here. What is in a text box is exact.
 */
import { breakable, visibleText } from './visible_text';

type Attribute = string | number | boolean | undefined;

export interface Wanted {
  tag: string;
  /** Two elements of one tag with different keys never stand in for each other. */
  key: string;
  attributes: Record<string, Attribute>;
  click: (() => void) | null;
  /** A text box: what is in it, and who is told of what is typed. */
  value: string | null;
  input: ((value: string) => void) | null;
  children: Child[];
}
export type Child = Wanted | string;
export type Maybe = Child | null | false | '' | Maybe[];

export interface Properties {
  key?: string;
  click?: () => void;
  value?: string;
  input?: (value: string) => void;
  [attribute: string]: Attribute | ((value: string) => void);
}

/** What an element was made to look like last: who wants the very same again finds it done. */
const worn = new WeakMap<Node, Wanted>();

/** Attributes that people read. */
const READ = new Set(['title', 'aria-label', 'placeholder']);

/** An element that is wanted; `class` names it, and its first word is its key unless `key` says otherwise. */
export function h(tag: string, properties: Properties, ...children: Maybe[]): Wanted {
  const { key, click, value, input, ...attributes } = properties;
  return {
    tag,
    key: key ?? String(attributes.class ?? '').split(' ')[0] ?? '',
    attributes: attributes as Wanted['attributes'],
    click: click ?? null,
    value: value ?? null,
    input: input ?? null,
    children: shown(flat(children))
  };
}

/** Strings as they are shown: visible, with a place to break a line in every 500 letters. */
const shown = (children: Child[]): Child[] =>
  children.flatMap((child) => {
    if (typeof child !== 'string') return [child];
    const pieces = breakable(visibleText(child));
    return pieces.flatMap((piece, place) => (place ? [BREAK, piece] : [piece]));
  });

/** Nothing is left out, neighbouring strings become one. */
function flat(children: Maybe[], found: Child[] = []): Child[] {
  for (const child of children) {
    const last = found.at(-1);
    if (Array.isArray(child)) flat(child, found);
    else if (typeof child === 'string' && typeof last === 'string') found[found.length - 1] = last + child;
    else if (child) found.push(child);
  }
  return found;
}

const fits = (node: Node, child: Child): boolean =>
  typeof child === 'string'
    ? node.nodeType === 3
    : (node as Element).localName === child.tag && (worn.get(node)?.key ?? '') === child.key;

/** Make the children of `parent` be the wanted ones. */
export function patch(parent: Element, children: Child[]): void {
  fill(parent, shown(children));
}

const BREAK: Child = {
  tag: 'wbr',
  key: '',
  attributes: {},
  click: null,
  value: null,
  input: null,
  children: []
};

function fill(parent: Element, children: Child[]): void {
  let next = parent.firstChild;
  for (const child of children) {
    let node: ChildNode | null = next;
    while (node && !fits(node, child)) node = node.nextSibling;
    while (node && next && next !== node) next = drop(next);
    node ??= parent.insertBefore(made(child), next);
    next = node.nextSibling;
    if (typeof child === 'string') write(node as Text, child);
    else dress(node as HTMLElement, child);
  }
  while (next) next = drop(next);
}

function drop(node: ChildNode): ChildNode | null {
  const next = node.nextSibling;
  node.remove();
  return next;
}

const made = (child: Child): ChildNode =>
  typeof child === 'string' ? document.createTextNode(child) : document.createElement(child.tag);

/** Text that only grows is appended to: a selection in it stays. */
function write(node: Text, text: string): void {
  const old = node.data;
  if (old === text) return;
  if (text.startsWith(old)) node.appendData(text.slice(old.length));
  else node.data = text;
}

function setAttribute(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function dress(element: HTMLElement, wanted: Wanted): void {
  if (worn.get(element) === wanted) return;
  worn.set(element, wanted);
  const { attributes, click, value, input, children } = wanted;
  for (const name of element.getAttributeNames())
    if (!(name in attributes) && name !== 'open') element.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else setAttribute(element, name, READ.has(name) ? visibleText(String(value)) : String(value));
  }
  element.onclick = click;
  const box = element as HTMLTextAreaElement;
  box.oninput = input && (() => input(box.value));
  if (value !== null && box.value !== value) box.value = value;
  fill(element, children);
}
