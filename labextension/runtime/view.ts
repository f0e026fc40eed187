/**
 * A view on a page: draws a tree with what the page knows laid over it, and does what its attributes ask for. Choosing, opening,
 * typing and copying need no kernel; a request goes to the kernel and always ends. Knows no view. Ends with its AbortSignal.
 */
import { copyText, insertOrCopy, keepOwnKeys, NO_COPY } from './page';
import type { Attributes, Child, Tree } from './tree';
import { duration, jsonProblem } from './text';
import { choiceId, type Entry, type Frame, isItem, MORE, MOST, NO, overlay, split } from './overlay';
import { patch, type VNode, vnodeOf } from './patch';

const TICK = 100; // ms
const COPIED_SHOWS = 1500; // ms
const NEAR_THE_END = 8; // px

const [STICK, SINCE, NEEDS_VALID, FORM, CHOICE, ACT] = [
  'data-stick',
  'data-since',
  'data-needs-valid',
  'data-form',
  'data-choice',
  'data-act'
] as const;
const NOTHING: Entry = {};

/** What was asked for to stand in an element: for which arguments, and what came. */
interface Lazy {
  args: string;
  content?: Child;
}

export type Ask = (command: string, given: object) => Promise<unknown>;

export interface Shown {
  tree: Child;
  /** The kernel's clock, less the page's, in seconds. */
  ahead: number;
  isLive: boolean;
}

export class View implements Frame {
  isLive = false;
  asking = '';
  invalid: ReadonlySet<string> = new Set();
  #tree: Child = '';
  #ahead = 0;
  #entries = new Map<string, Entry>();
  #lazy = new Map<string, Lazy>();
  #ticker = 0;

  /** `name` names the view across a reload of the page, for the text that was typed into it. */
  constructor(
    private element: HTMLElement,
    private request: Ask,
    private name: string,
    private life: AbortSignal
  ) {
    const on = (event: string, listener: (event: Event) => void, capture = false) =>
      element.addEventListener(event, listener, { signal: life, capture });
    this.#restore();
    on('click', (event) => this.#click(event.target as Element));
    on('input', (event) => this.#type(event.target as Element));
    on('toggle', (event) => this.#toggle(event.target as Element), true);
    on('keydown', keepOwnKeys);
    on('keydown', (event) => this.#press(event as KeyboardEvent));
    on('focusin', (event) => this.#stop(event.target as Element));
    life.addEventListener('abort', () => clearInterval(this.#ticker));
  }

  get now(): number {
    return Date.now() / 1000 + this.#ahead;
  }

  entry(id: string): Entry {
    return this.#entries.get(id) ?? NOTHING;
  }

  show({ tree, ahead, isLive }: Shown): void {
    this.#tree = tree;
    this.#ahead = ahead;
    this.isLive = isLive;
    this.#draw();
  }

  /** Ask for what is to stand in an element, once for the same arguments; what came before stays meanwhile. */
  lazy(id: string, [, attributes]: Tree, choice: string): Child | undefined {
    const args = attributes['data-args'] ?? '{}';
    const known = this.#lazy.get(id);
    if (known?.args !== args) {
      const lazy: Lazy = { args, content: known?.content };
      this.#lazy.set(id, lazy);
      const came = (content: unknown) => {
        lazy.content = content as Child;
        this.#draw();
      };
      void this.request(attributes['data-lazy']!, { ...(JSON.parse(args) as object), choice }).then(
        (result) => came((result as { tree?: unknown } | null)?.tree),
        (problem) => came(['p', { class: 'lg-failure', role: 'alert' }, wordsOf(problem)])
      );
    }
    return this.#lazy.get(id)!.content;
  }

  // -- drawing ----------------------------------------------------------------------------------------------

  #draw(): void {
    if (this.life.aborted) return;
    const focused = document.activeElement;
    const scrolledAway = this.#having(STICK).filter(
      (box) => box.scrollTop + box.clientHeight < box.scrollHeight - NEAR_THE_END
    );
    patch(this.element, overlay(this.#tree, this));
    if (!this.element.querySelector('.lg-no')) this.asking = ''; // what it was about is gone
    this.#refocus(focused);
    for (const box of this.#having(STICK)) if (!scrolledAway.includes(box)) box.scrollTop = box.scrollHeight;
    this.#tick();
    this.#validate();
  }

  /** The elements whose nodes have an attribute. */
  #having(name: string): HTMLElement[] {
    const all = [...this.element.querySelectorAll<HTMLElement>('*')];
    return all.filter((each) => attributesOf(each)[name] != null);
  }

  /** What was moved has lost the focus; what is gone may say where it goes. */
  #refocus(focused: Element | null): void {
    if (!focused || focused === document.activeElement || !vnodeOf(focused)) return;
    if (this.element.contains(focused)) return (focused as HTMLElement).focus();
    const keys = attributesOf(focused)['data-focus']?.split(' ');
    this.#having('key')
      .filter((each) => keys?.includes(attributesOf(each).key!))
      .at(-1)
      ?.focus();
  }

  /** Clocks go on by themselves. */
  #tick(): void {
    clearInterval(this.#ticker);
    const clocks = this.isLive ? this.#having(SINCE) : [];
    if (!clocks.length) return;
    this.#ticker = setInterval(() => {
      for (const clock of clocks) {
        const since = Number(attributesOf(clock)[SINCE]);
        if (clock.firstChild) clock.firstChild.nodeValue = duration(this.now - since);
      }
    }, TICK) as unknown as number;
  }

  /** Buttons that need a valid form are drawn again when that has changed. */
  #validate(): void {
    const invalid = new Set<string>();
    for (const button of this.#having(NEEDS_VALID)) {
      const form = this.#formOf(button);
      if (form && !isValid(form, this)) invalid.add(vnodeOf(form)!.id);
    }
    if ([...invalid].join() === [...this.invalid].join()) return;
    this.invalid = invalid;
    patch(this.element, overlay(this.#tree, this));
  }

  #change(id: string, changes: Entry): void {
    this.#entries.set(id, { ...this.entry(id), ...changes });
    this.#draw();
  }

  // -- what a person does -----------------------------------------------------------------------------------

  #click(target: Element): void {
    const button = target.closest('button, [tabindex]');
    const vnode = vnodeOf(button);
    if (!button || !vnode?.source || !this.isLive) return;
    const attributes = vnode.source[1];
    const choice = attributes[CHOICE];
    if (choice != null) this.#choose(button, choice);
    const copied = attributes['data-copy'];
    if (copied != null)
      void this.#copy(vnode.id, copied || (button.closest('details')?.querySelector('pre')?.textContent ?? ''));
    if (attributes['data-fill'] != null) this.#fill(button, attributes['data-fill']);
    if (attributes['data-insert'] != null) void this.#insert(vnode.id, attributes['data-insert']);
    const act = attributes[ACT];
    if (act == null || button.matches(':disabled, [aria-disabled]')) return;
    if (act === MORE) this.#change(vnode.id, { most: (this.entry(vnode.id).most ?? MOST) + MOST });
    else if (act === NO || attributes['data-confirm'] != null) this.#confirm(vnode.id, act !== NO);
    else void this.#act(button, vnode);
  }

  /** Ask first; the focus goes to what sends nothing, and then back. */
  #confirm(id: string, asking: boolean): void {
    this.asking = asking ? id : '';
    this.#change(id, { outcome: undefined });
    for (const each of this.element.querySelectorAll('button'))
      if (vnodeOf(each)!.id === id && each.matches('.lg-no') === asking) each.focus();
  }

  #choose(button: Element, choice: string): void {
    const [field, value] = split(choice);
    const id = choiceId(idOfForm(this.#formOf(button)), field);
    for (const [key, { content }] of this.#lazy) if (isFailure(content)) this.#lazy.delete(key);
    const isLeft = isItem(attributesOf(button)) && button.matches('[aria-pressed=true]');
    this.#change(id, { typed: isLeft ? '' : value });
    this.#keep(id);
  }

  /** The keys of a list with one stop for Tab; Escape presses what leaves. */
  #press(event: KeyboardEvent): void {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const target = event.target as HTMLElement;
    if (ctrlKey || metaKey || altKey || shiftKey) return;
    if (key === 'Escape') this.#leave(target);
    const list = this.#above(target, 'data-keys');
    if (!list || !isItem(attributesOf(target))) return;
    const items = [...list.querySelectorAll<HTMLElement>('*')].filter((each) => isItem(attributesOf(each)));
    const at = items.indexOf(target);
    const last = items.length - 1;
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[key];
    if (to != null) items[Math.max(0, Math.min(last, to))]!.focus();
    else if (key === 'Enter' || key === ' ') target.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #leave(target: Element): void {
    for (let at: Element | null = target; at && at !== this.element; at = at.parentElement)
      for (const button of at.querySelectorAll('button'))
        if (attributesOf(button)['data-leave'] != null || button.matches('.lg-no')) return button.click();
  }

  /** Where the focus is in a list, there Tab comes back to. */
  #stop(target: Element): void {
    const list = isItem(attributesOf(target)) ? this.#above(target, 'data-keys') : null;
    const [vnode, item] = [vnodeOf(list), vnodeOf(target)];
    if (vnode && this.entry(vnode.id).stop !== item!.id) this.#change(vnode.id, { stop: item!.id });
  }

  #type(target: Element): void {
    const vnode = vnodeOf(target);
    if (!vnode) return;
    const box = target as HTMLInputElement;
    this.#change(vnode.id, { typed: /checkbox|radio/.test(box.type) ? box.checked : box.value });
    this.#keep(vnode.id);
  }

  #toggle(target: Element): void {
    const vnode = vnodeOf(target);
    if (!vnode || target.localName !== 'details') return;
    const { open } = target as HTMLDetailsElement;
    if (this.entry(vnode.id).open === open) return;
    this.#entries.set(vnode.id, { ...this.entry(vnode.id), open });
    if (this.isLive) this.#draw();
  }

  /** Put a text into the text box of the same form. */
  #fill(button: Element, text: string): void {
    const box = (this.#formOf(button) ?? this.element).querySelector('textarea');
    const vnode = vnodeOf(box);
    if (!vnode) return;
    this.#change(vnode.id, { typed: text });
    this.#keep(vnode.id);
  }

  async #copy(id: string, text: string): Promise<void> {
    const isCopied = await copyText(text);
    if (this.life.aborted) return;
    this.#change(id, { copied: isCopied, outcome: isCopied ? undefined : { words: NO_COPY, isFailure: true } });
    setTimeout(() => this.#change(id, { copied: false }), COPIED_SHOWS);
  }

  /** Put a line into a cell of its own: never more than a line. */
  async #insert(id: string, line: string): Promise<void> {
    const { done, failure } = await insertOrCopy(this.element, line.replace(/\s*[\r\n]+\s*/g, ' '));
    if (!this.life.aborted) this.#change(id, { outcome: { words: done || failure, isFailure: !done } });
  }

  /** Send a request with what is filled in, and show what comes of it. */
  async #act(button: Element, vnode: VNode): Promise<void> {
    const { id, source } = vnode;
    const form = this.#formOf(button);
    this.asking = '';
    for (const [other, entry] of this.#entries)
      if (entry.outcome) this.#entries.set(other, { ...entry, outcome: undefined });
    this.#change(id, { busy: true });
    try {
      const fields = form ? { form: filled(form, this) } : {};
      const given = { ...(JSON.parse(source![1]['data-args'] ?? '{}') as object), ...fields };
      const result = (await this.request(source![1][ACT]!, given)) as Done | null;
      const words = typeof result?.message === 'string' ? result.message : '';
      const line = result?.insert;
      if (form && line == null) this.#forget(form);
      this.#change(id, { busy: false, outcome: words ? { words, isFailure: false } : undefined });
      if (typeof line === 'string') await this.#insert(id, line);
    } catch (problem) {
      this.#change(id, { busy: false, outcome: { words: wordsOf(problem), isFailure: true } });
    }
  }

  // -- forms ------------------------------------------------------------------------------------------------

  #formOf = (element: Element) => this.#above(element, FORM);

  /** The nearest element around that has an attribute. */
  #above(element: Element, name: string): Element | null {
    for (let at: Element | null = element; at && at !== this.element; at = at.parentElement)
      if (attributesOf(at)[name] != null) return at;
    return null;
  }

  // -- text that survives a reload ----------------------------------------------------------------------------

  #keep(id: string): void {
    inStorage((storage) => storage.setItem(this.#storedAs(id), JSON.stringify(this.entry(id).typed)));
  }

  #restore(): void {
    inStorage((storage) => {
      const prefix = this.#storedAs('');
      for (const [key, stored] of Object.entries(storage))
        if (key.startsWith(prefix))
          this.#entries.set(key.slice(prefix.length), { typed: JSON.parse(stored as string) });
    });
  }

  /** What was sent is not typed again. */
  #forget(form: Element): void {
    for (const [id, entry] of this.#entries) {
      if (entry.typed == null || !id.startsWith(idOfForm(form))) continue;
      this.#entries.set(id, { ...entry, typed: undefined });
      inStorage((storage) => storage.removeItem(this.#storedAs(id)));
    }
  }

  #storedAs(id: string): string {
    return `lg-magics ${this.name} ${id}`;
  }
}

/** What the page stores until it is closed; where it stores nothing, text lives as long as the page. */
function inStorage(use: (storage: Storage) => void): void {
  try {
    use(sessionStorage);
  } catch {
    // It is not there, or holds something else under our names.
  }
}

/** What a request came to: words for the person, and a line for a cell. */
interface Done {
  message?: unknown;
  insert?: unknown;
}

const wordsOf = (problem: unknown) => (problem as Error).message;
const isFailure = (content?: Child) => typeof content === 'object' && content[1].class === 'lg-failure';

/** What the node of an element says. */
const attributesOf = (element: Element): Attributes => vnodeOf(element)?.source?.[1] ?? {};

const idOfForm = (form: Element | null) => vnodeOf(form)?.id ?? '';

/** What is filled in: fields by their keys, choices by their names, and forms inside by theirs. */
function filled(form: Element, frame: Frame): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [element, attributes, vnode] of parts(form)) {
    const choice = attributes[CHOICE];
    if (attributes[FORM] != null) found[attributes[FORM]] = filled(element, frame);
    else if (choice != null) {
      const [field] = split(choice);
      found[field] ??= frame.entry(choiceId(idOfForm(form), field)).typed ?? '';
    } else if (vnode.value != null) {
      const box = element as HTMLInputElement;
      found[attributes.key ?? ''] = typeof vnode.value === 'boolean' ? box.checked : box.value;
    }
  }
  return found;
}

/** Whether every field is filled in as the browser wants it, text where it is required, and a choice made where it must be. */
function isValid(form: Element, frame: Frame): boolean {
  for (const [element, attributes] of parts(form)) {
    const isRequired = attributes.required != null;
    if (attributes[FORM] != null) {
      if (!isValid(element, frame)) return false;
    } else if (element.matches('input, select, textarea')) {
      const box = element as HTMLInputElement;
      if (!box.checkValidity() || (isRequired && !box.value.trim())) return false;
      if (attributes['data-check'] != null && jsonProblem(box.value)) return false;
    } else if (isRequired && !frame.entry(choiceId(idOfForm(form), attributes.key ?? '')).typed) return false;
  }
  return true;
}

/** The fields, choices and forms of a form; what is inside another form is that one's. */
function* parts(form: Element): Generator<[Element, Attributes, VNode]> {
  for (const element of form.children) {
    const vnode = vnodeOf(element);
    if (!vnode) continue;
    const attributes = attributesOf(element);
    const isForm = attributes[FORM] != null;
    if (isForm || vnode.value != null || (attributes[CHOICE] ?? attributes.required) != null)
      yield [element, attributes, vnode];
    if (!isForm) yield* parts(element);
  }
}
