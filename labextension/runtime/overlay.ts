/**
 * Adds the page's own state to a tree: which folds are open, what was typed and chosen, which requests run, and their results.
 * `patch` draws the result. Knows attributes and their meaning; knows no view.
 *
 * The path of keys identifies an element's state. A saved view has no controls: `html` in lg_magics/views/node.py has the same rules.
 */
import { type Attributes, type Child, CONTROLS, type Tree } from './tree';
import type { Outcome } from './page';
import { duration, jsonProblem } from './text';
import type { VNode, Renderable } from './patch';

/** The state of one element. */
export interface Entry {
  open?: boolean;
  /** The item of a list that Tab reaches; and the number of items shown of a long list. */
  stop?: string;
  most?: number;
  busy?: boolean;
  copied?: boolean;
  typed?: string | boolean;
  outcome?: Outcome;
}

export interface Frame {
  /** Seconds since the epoch, by the kernel's clock. */
  now: number;
  entry(id: string): Entry;
  /** The id of the button that waits for a confirmation; '' if none does. */
  asking: string;
  /** The content that an element loads from the kernel; nothing until it has arrived. */
  lazy(id: string, source: Tree, choice: string): Child | undefined;
  /** The ids of the forms with an invalid field. */
  invalid: readonly string[];
}

interface Place {
  path: string;
  formId: string;
  /** Inside a closed fold, which loads nothing. */
  isShut?: boolean;
  /** The messages of requests made inside, shown at the end of the nearest block. */
  messages: VNode[];
}

const BLOCK = /^(div|section|li|td)$/;
const QUIET = /^(role|tabindex|aria-(selected|pressed|expanded|busy))$/;
const plain = new WeakMap<Tree, VNode>();

/** Return what the page shows for this tree; without a frame, it shows no control. */
export function overlay(tree: Child, frame: Frame | null): Renderable[] {
  const messages: VNode[] = [];
  const root = prepared(tree, { path: '', formId: '', messages }, frame);
  return root == null ? messages : [root, ...messages];
}

export const choiceId = (form: string, field: string) => `${form}:${field}`;

function prepared(child: Child, place: Place, frame: Frame | null): Renderable | null {
  if (typeof child === 'string') return child;
  const known = plain.get(child);
  if (known) return known;
  const id = `${place.path}/${child[1].key ?? child[0]}`;
  const vnode = frame ? live(child, id, place, frame) : still(child, id, place);
  if (vnode && isPlain(vnode)) plain.set(child, vnode);
  return vnode;
}

function live(tree: Tree, id: string, place: Place, frame: Frame): VNode | null {
  const [tag, attributes] = tree;
  const { 'data-shows': shows, 'data-choice': choice, 'data-since': since } = attributes;
  if (shows != null && !shows.split(' ').some((choice) => isChosen(choice, place.formId, frame))) return null;
  const entry = frame.entry(id);
  const vnode = element(tree, id);
  const own = vnode.attributes;
  const isShut = tag === 'details' && !(entry.open ?? 'open' in attributes);
  delete own.open;
  if (tag === 'details' && !isShut) own.open = '';
  vnode.content = contentOf(tree, id, isShut ? { ...place, isShut } : place, frame);
  if (choice != null)
    own[tag === 'tr' ? 'aria-selected' : 'aria-pressed'] = String(isChosen(choice, place.formId, frame));
  if (attributes['data-keys'] != null) setTabStop(vnode.content, entry.stop);
  if (attributes['data-act'] != null && (entry.busy || id === frame.asking)) own['aria-disabled'] = 'true';
  if (entry.busy && attributes['data-busy']) vnode.content = [attributes['data-busy']];
  if ('data-needs-valid' in attributes && frame.invalid.includes(place.formId)) own.disabled = '';
  if (since != null) vnode.content = [duration(frame.now - Number(since))];
  if (entry.copied) {
    own['aria-label'] = `${attributes['aria-label'] ?? ''} copied`;
    vnode.content.push(made(id, ['span', { class: 'lg-copied' }, 'copied']));
  }
  if (tag === 'input' && /checkbox|radio/.test(attributes.type ?? ''))
    vnode.value = entry.typed == null ? 'checked' in attributes : entry.typed === true;
  else if (/^(input|textarea|select)$/.test(tag)) vnode.value = String(entry.typed ?? attributes.value ?? '');
  addMessages(place.messages, tree, id, frame);
  return vnode;
}

/** The same without controls, as in the saved HTML. */
function still(tree: Tree, id: string, place: Place): VNode | null {
  const [tag, attributes] = tree;
  const isControl = CONTROLS.has(tag);
  const kept = attributes['data-static'];
  if (kept === 'no' || (attributes['data-shows'] ?? attributes['data-lazy']) != null || (isControl && kept !== 'text'))
    return null;
  const vnode = element(tree, id);
  for (const name of Object.keys(vnode.attributes))
    if (isControl ? !/^(class|title)$/.test(name) : QUIET.test(name) && tag !== 'pre') delete vnode.attributes[name];
  if (isControl) vnode.tag = 'code';
  vnode.content = inside(tree, id, place, null);
  return vnode;
}

function element(tree: Tree, id: string): VNode {
  const [tag, attributes] = tree;
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes))
    if (name !== 'key' && !name.startsWith('data-') && !isOfField(tag, name)) own[name] = value;
  if (tag === 'a' && own.href) Object.assign(own, { target: '_blank', rel: 'noopener noreferrer' });
  if (tag === 'pre') own.tabindex ??= '0';
  if (tag === 'button') own.type = 'button';
  const key = attributes.key ?? (attributes.class ?? '').split(' ')[0]!;
  return { tag, key, attributes: own, content: [], id, source: tree };
}

/** A field's value and state are set as properties, not as attributes. On other elements, only the form reads `required`. */
const isOfField = (tag: string, name: string) =>
  (name === 'value' && tag !== 'option') || name === 'checked' || (name === 'required' && !CONTROLS.has(tag));

/** The children of an element: its own, those that the kernel sent for it, or the first rows of a long list. */
function contentOf(tree: Tree, id: string, place: Place, frame: Frame): Renderable[] {
  if (tree[1]['data-lazy'] != null) return lazyContent(tree, id, place, frame);
  return tree[1]['data-more'] == null ? inside(tree, id, place, frame) : firstRows(tree, id, place, frame);
}

/** The content that the kernel sent for an element. Each choice has its own content, with its own state. */
function lazyContent(tree: Tree, id: string, place: Place, frame: Frame): Renderable[] {
  if (place.isShut) return [];
  const [field] = split(tree[1]['data-shows'] ?? '');
  const choice = String(frame.entry(choiceId(place.formId, field)).typed ?? '');
  const key = `${id}=${choice}`;
  const content = frame.lazy(key, tree, choice);
  return inside(content == null ? tree : [tree[0], tree[1], content], key, place, frame);
}

/** The first rows of a long list that match its filter, with a button that shows more. */
function firstRows([tag, attributes, ...children]: Tree, id: string, place: Place, frame: Frame): Renderable[] {
  const filter = attributes['data-filter'];
  const typed = searchable(String((filter && frame.entry(`${place.path}/${filter}`).typed) ?? ''));
  const fitting = children.filter((child) => !typed || textOf(child).includes(typed));
  const most = frame.entry(id).most ?? MOST;
  const rows = inside([tag, attributes, ...fitting.slice(0, most)], id, place, frame);
  const left = fitting.length - most;
  const label = `Show ${Math.min(left, MOST)} more of ${fitting.length}`;
  return left > 0 ? [...rows, made(id, ['button', { class: 'lg-show-more', 'data-act': MORE }, label])] : rows;
}

const texts = new WeakMap<object, string>();

/** A text as a filter matches it, as in lg_magics/views/batch_tree.py: spaces, commas and capitals make no difference. */
const searchable = (text: string) => text.toLowerCase().replace(/[\s,]+/g, ' ').trim(); // prettier-ignore

/** The text of a row without that which it loads. Each letter of a filter needs that of all rows. */
function textOf(child: Child): string {
  if (typeof child === 'string') return searchable(child);
  const own = 'data-lazy' in child[1] ? [] : (child.slice(2) as Child[]);
  const text = texts.get(child) ?? searchable(own.map(textOf).join(' '));
  texts.set(child, text);
  return text;
}

function setTabStop(children: Renderable[], stop?: string): void {
  const items = itemsIn(children);
  const at = items.find(({ id }) => id === stop) ?? items[0];
  for (const item of items) item.attributes.tabindex = item === at ? '0' : '-1';
}

/** Whether it is an item of a list in which Tab reaches one item only. */
export const isItem = (attributes: Attributes) => attributes.tabindex === '-1';

const itemsIn = (children: Renderable[]): VNode[] =>
  children.flatMap((child) =>
    typeof child === 'string' ? [] : isItem(child.source[1]) ? [child] : itemsIn(child.content)
  );

/** The children, with the messages at the end of a block. */
function inside(tree: Tree, id: string, place: Place, frame: Frame | null): Renderable[] {
  const [tag, attributes, ...children] = tree;
  const messages = BLOCK.test(tag) ? [] : place.messages;
  const path = attributes.key == null ? place.path : id;
  const formId = attributes['data-form'] == null ? place.formId : id;
  const within = { ...place, path, formId, messages };
  const found = children.map((child) => prepared(child, within, frame)).filter((each) => each !== null);
  return messages === place.messages ? found : [...found, ...messages];
}

/** Whether nothing in it depends on the page's state. */
function isPlain({ source: [tag, attributes], content }: VNode): boolean {
  const isActive = tag === 'details' || CONTROLS.has(tag) || Object.keys(attributes).some((name) => BEHAVES.test(name));
  return !isActive && content.every((child) => typeof child === 'string' || plain.has(child.source));
}

const BEHAVES = /^(data-(?!a$|w$)|required$)/;

const isChosen = (choice: string, form: string, frame: Frame) => {
  const [field, value] = split(choice);
  const { typed } = frame.entry(choiceId(form, field));
  return value == null ? Boolean(typed) : (typed ?? '') === value;
};

/** `way:edit` is the value `edit` of the field `way`. */
export const split = (choice: string) => choice.split(/:(.*)/s) as [field: string, value?: string];

/** Add what the page says about an element: the error of its text, a question before its request is sent, and the result. */
function addMessages(messages: VNode[], tree: Tree, id: string, frame: Frame): void {
  const { typed, outcome } = frame.entry(id);
  const problem = tree[1]['data-check'] != null && typed != null ? jsonProblem(String(typed)) : '';
  if (problem) messages.push(made(id, ['p', { class: 'lg-check', key: `check ${id}` }, problem]));
  if (id === frame.asking) messages.push(confirmation(tree, id));
  if (outcome) {
    const [name, role] = outcome.isFailure ? ['lg-failure', 'alert'] : ['lg-outcome', 'status'];
    messages.push(made(id, ['p', { class: name!, key: `outcome ${id}`, role: role! }, outcome.words]));
  }
}

/** The question before a request is sent, with a button that sends it. */
function confirmation([tag, attributes, ...label]: Tree, id: string): VNode {
  const { 'data-confirm': question = '', ...sends } = attributes;
  const words = label.join('');
  const group = { class: 'lg-question', key: `ask ${id}`, role: 'group', 'aria-label': `${words}?` };
  const yes = made(id, [tag, { class: 'lg-yes', ...sends }, words]);
  const no = made(id, [tag, { class: 'lg-no', 'data-act': NO, 'data-leave': '' }, 'Keep']);
  return { ...made(id, ['div', group]), content: [question, yes, no] };
}

/** An element that the page adds. */
const made = (id: string, source: Tree): VNode => ({ ...element(source, id), content: source.slice(2) as string[] });

/** The actions of the page's own buttons: send nothing, and show more. */
export const NO = ' no';
export const MORE = ' more';
export const MOST = 100;
