/**
 * A view on a page: draws a tree with the page's own state, and handles the events that its attributes name. Choosing, opening, typing
 * and copying need no kernel. A request goes to the kernel, and always ends. Knows no particular view. Ends with its AbortSignal.
 */
import { copyText, insertOrCopy, NO_COPY } from './page';
import type { Attributes, Child, Tree } from './tree';
import { duration, jsonProblem } from './text';
import { choiceId, type Entry, type Frame, isItem, MORE, MOST, NO, overlay, split } from './overlay';
import { patch, type VNode, vnodeOf } from './patch';

const TICK = 100; // ms
const COPIED_SHOWS = 1500; // ms
const NEAR_THE_END = 8; // px
const NOTHING: Entry = {};

/** A tree from a kernel whose clock is `ahead` of the page's by these seconds. */
type Shown = { tree: Child; ahead: number; isLive: boolean };
export type Ask = (command: string, given: object) => Promise<unknown>;

export class View implements Frame {
  asking = '';
  invalid: readonly string[] = [];
  #shown: Shown = { tree: '', ahead: 0, isLive: false };
  #entries = new Map<string, Entry>();
  /** Content that elements load: the arguments of the last request, whether it runs, and the last response. */
  #lazy = new Map<string, { args: string; isBusy?: boolean; content?: Child }>();
  /** Boxes whose end the user has left. Neither growing nor hiding a box leaves its end. */
  #away = new WeakSet<Element>();
  #ticker = 0;

  /** `name` identifies the view after a reload of the page, so that typed text can be restored. */
  constructor(
    private element: HTMLElement,
    private request: Ask,
    private name: string,
    private life: AbortSignal
  ) {
    const on = (event: string, listener: (event: Event) => void, capture = false) =>
      element.addEventListener(event, listener, { signal: life, capture });
    this.#restore();
    on('click', (event) => this.#click(event));
    on('input', (event) => this.#type(event.target as Element));
    on('toggle', (event) => this.#toggle(event.target as Element), true);
    on('keydown', (event) => this.#press(event as KeyboardEvent));
    on('scroll', ({ target }) => this.#away[isAtEnd(target as Element) ? 'delete' : 'add'](target as Element), true);
    on('focusin', (event) => this.#rememberTabStop(event.target as Element));
    life.addEventListener('abort', () => clearInterval(this.#ticker));
  }

  get now(): number {
    return Date.now() / 1000 + this.#shown.ahead;
  }

  entry(id: string): Entry {
    return this.#entries.get(id) ?? NOTHING;
  }

  show(shown: Shown): void {
    this.#shown = shown;
    this.#draw();
  }

  /** Load the content of an element: once for the same arguments, and one request at a time. Until then the last content stays. */
  lazy(id: string, [, attributes]: Tree, choice: string): Child | undefined {
    const args = attributes['data-args'] ?? '{}';
    const lazy = this.#lazy.get(id) ?? { args: '' };
    if (lazy.isBusy || lazy.args === args) return lazy.content;
    this.#lazy.set(id, Object.assign(lazy, { args, isBusy: true }));
    void this.request(attributes['data-lazy']!, { ...JSON.parse(args), choice })
      .then((result) => (result as { tree?: Child } | null)?.tree ?? Promise.reject(new Error('It is empty.')))
      .catch((problem): Child => ['p', { class: 'lg-failure', role: 'alert' }, wordsOf(problem)])
      .then((content) => {
        Object.assign(lazy, { content, isBusy: false });
        this.#draw();
      });
    return lazy.content;
  }

  #draw(): void {
    if (this.life.aborted) return;
    const focused = document.activeElement;
    patch(this.element, overlay(this.#shown.tree, this.#shown.isLive ? this : null));
    if (!this.element.querySelector('.lg-no')) this.asking = ''; // the confirmation was removed
    this.#refocus(focused);
    for (const box of this.#elementsWith('data-stick')) if (!this.#away.has(box)) box.scrollTop = box.scrollHeight;
    this.#runClocks();
    this.#validate();
  }

  #elementsWith(name: string): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>('*')].filter((each) => attributesOf(each)[name] != null);
  }

  /** Restore the focus after an element was moved; a removed element may name the next one. */
  #refocus(focused: Element | null): void {
    if (!focused || focused === document.activeElement || !vnodeOf(focused)) return;
    if (this.element.contains(focused)) return (focused as HTMLElement).focus();
    const keys = attributesOf(focused)['data-focus']?.split(' ');
    const places = this.#elementsWith('key').filter((each) => keys?.includes(attributesOf(each).key!));
    places.at(-1)?.focus();
  }

  #runClocks(): void {
    clearInterval(this.#ticker);
    const clocks = this.#shown.isLive ? this.#elementsWith('data-since') : [];
    if (!clocks.length) return;
    this.#ticker = setInterval(() => {
      for (const clock of clocks)
        clock.firstChild!.nodeValue = duration(this.now - Number(attributesOf(clock)['data-since']));
    }, TICK) as unknown as number;
  }

  /** Draw again if the validity of a form has changed. */
  #validate(): void {
    const forms = this.#elementsWith('data-needs-valid').map(this.#formOf);
    const invalid = forms.filter((form) => form && !isValid(form, this)).map(idOfForm);
    if (invalid.join() === this.invalid.join()) return;
    this.invalid = invalid;
    patch(this.element, overlay(this.#shown.tree, this.#shown.isLive ? this : null));
  }

  #change(id: string, changes: Entry): void {
    this.#entries.set(id, { ...this.entry(id), ...changes });
    this.#draw();
  }

  #click(event: Event): void {
    const button = (event.target as Element).closest<HTMLElement>('a, button, summary, [tabindex]');
    const vnode = vnodeOf(button);
    if (!button || !vnode || !this.#shown.isLive) return;
    for (const [key, { content }] of this.#lazy) if (isFailure(content)) this.#lazy.delete(key);
    if (button.matches('summary')) {
      // The event of the fold itself would come too late: an update before it closes the fold again.
      event.preventDefault();
      const { id, attributes } = vnodeOf(button.parentElement)!;
      this.#change(id, { open: attributes.open == null });
    }
    const { id, source } = vnode;
    const { 'data-choice': choice, 'data-copy': copied, 'data-fill': text, 'data-insert': line } = source[1];
    if (choice != null) this.#choose(button, choice);
    if (copied != null)
      void this.#copy(id, copied || (button.closest('details')?.querySelector('pre')?.textContent ?? ''));
    if (text != null) this.#fill(button, text);
    if (line != null) void this.#insert(id, line);
    const { 'data-act': act, 'data-confirm': question } = source[1];
    if (act == null || button.matches(':disabled, [aria-disabled]')) return;
    if (act === MORE) this.#change(id, { most: (this.entry(id).most ?? MOST) + MOST });
    else if (act === NO || question != null) this.#confirm(id, act !== NO);
    else void this.#act(button, vnode);
  }

  /** Ask for a confirmation, with the focus on the button that sends nothing; afterwards the focus returns. */
  #confirm(id: string, asking: boolean): void {
    this.asking = asking ? id : '';
    this.#change(id, { outcome: undefined });
    for (const each of this.element.querySelectorAll('button'))
      if (vnodeOf(each)!.id === id && each.matches('.lg-no') === asking) each.focus();
  }

  /** Choose; a choice of nothing also discards what was typed in its form. */
  #choose(button: Element, choice: string): void {
    const form = this.#formOf(button);
    const [field, value] = split(choice);
    if (form && value === '') this.#forget(form);
    const isLeft = isItem(attributesOf(button)) && button.matches('[aria-pressed=true]');
    this.#enter(choiceId(idOfForm(form), field), isLeft ? '' : value);
  }

  /**
   * Handle the keys of a list with one Tab stop; Escape leaves the row. A text box or a list of choices handles all keys without Ctrl or
   * Meta: Ctrl+S saves the notebook. Each control handles Enter and the space bar, also with Ctrl: Ctrl+Enter would run the cell again.
   */
  #press(event: KeyboardEvent): void {
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event;
    const target = event.target as HTMLElement;
    const isTyping = target.matches('textarea, input, select') && !ctrlKey && !metaKey;
    if (['Enter', ' '].includes(key) || isTyping) event.stopPropagation();
    if (ctrlKey || metaKey || altKey || shiftKey || isComposing) return;
    if (key === 'Escape') this.#clickLeave(target);
    const list = this.#closestWith(target, 'data-keys');
    if (!list || !isItem(attributesOf(target))) return;
    const items = [...list.querySelectorAll<HTMLElement>('*')].filter((each) => isItem(attributesOf(each)));
    const at = items.indexOf(target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: items.length }[key];
    if (to != null) (items[Math.max(0, to)] ?? items.at(-1))!.focus();
    else if (key === 'Enter' || key === ' ') target.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #clickLeave(target: Element): void {
    for (let at: Element | null = target; at && at !== this.element; at = at.parentElement)
      for (const button of at.querySelectorAll('button'))
        if (attributesOf(button)['data-leave'] != null && (button.closest('li') ?? at).contains(target))
          return button.click();
  }

  /** Remember the focused item of a list: Tab returns to it. */
  #rememberTabStop(target: Element): void {
    const list = isItem(attributesOf(target)) ? this.#closestWith(target, 'data-keys') : null;
    const [vnode, item] = [vnodeOf(list), vnodeOf(target)];
    if (vnode && this.entry(vnode.id).stop !== item!.id) this.#change(vnode.id, { stop: item!.id });
  }

  #type(target: Element): void {
    const vnode = vnodeOf(target);
    if (vnode) this.#enter(vnode.id, enteredIn(target, vnode));
  }

  #toggle(target: Element): void {
    const vnode = vnodeOf(target);
    if (!vnode || target.localName !== 'details') return;
    const { open } = target as HTMLDetailsElement;
    if (this.entry(vnode.id).open === open) return;
    this.#entries.set(vnode.id, { ...this.entry(vnode.id), open });
    if (this.#shown.isLive) this.#draw();
  }

  /** Fill the text box of the same form. */
  #fill(button: Element, text: string): void {
    const vnode = vnodeOf((this.#formOf(button) ?? this.element).querySelector('textarea'));
    if (vnode) this.#enter(vnode.id, text);
  }

  async #copy(id: string, text: string): Promise<void> {
    const isCopied = await copyText(text);
    this.#change(id, { copied: isCopied, outcome: isCopied ? undefined : NO_COPY });
    setTimeout(() => this.#change(id, { copied: false }), COPIED_SHOWS);
  }

  /** Insert a cell with one line, without line breaks. */
  async #insert(id: string, line: string): Promise<void> {
    this.#change(id, { outcome: await insertOrCopy(this.element, line.replace(/\s*[\r\n]+\s*/g, ' ')) });
  }

  /** Send a request with the fields of its form, and show the result. */
  async #act(button: Element, vnode: VNode): Promise<void> {
    const { id, source } = vnode;
    const form = this.#formOf(button);
    this.asking = '';
    for (const [other, entry] of this.#entries)
      if (entry.outcome) this.#entries.set(other, { ...entry, outcome: undefined });
    this.#change(id, { busy: true });
    const sent = JSON.stringify(this.#typedIn(form));
    try {
      const given = { ...JSON.parse(source[1]['data-args'] ?? '{}'), ...(form && { form: filled(form, this) }) };
      const result = await this.request(source[1]['data-act']!, given);
      const { message, insert: line } = (result ?? {}) as Record<string, unknown>;
      const words = typeof message === 'string' ? message : '';
      if (form && line == null && JSON.stringify(this.#typedIn(form)) === sent) this.#forget(form);
      this.#change(id, { busy: false, outcome: words ? { words, isFailure: false } : undefined });
      if (typeof line === 'string') await this.#insert(id, line);
    } catch (problem) {
      this.#change(id, { busy: false, outcome: { words: wordsOf(problem), isFailure: true } });
    }
  }

  #formOf = (element: Element) => this.#closestWith(element, 'data-form');

  /** The nearest element, from this one outwards, with this attribute. */
  #closestWith(element: Element, name: string): Element | null {
    for (let at: Element | null = element; at && at !== this.element; at = at.parentElement)
      if (attributesOf(at)[name] != null) return at;
    return null;
  }

  /** Change what is typed or chosen. */
  #enter(id: string, typed?: string | boolean): void {
    this.#change(id, { typed });
    inStorage((storage) => storage.setItem(this.#storedAs(id), JSON.stringify(typed ?? null)));
  }

  #restore(): void {
    inStorage((storage) => {
      const prefix = this.#storedAs('');
      for (const [key, stored] of Object.entries<string>(storage))
        if (key.startsWith(prefix)) this.#entries.set(key.slice(prefix.length), { typed: JSON.parse(stored) });
    });
  }

  /** What is typed and chosen in a form, by id. */
  #typedIn = (form: Element | null) =>
    [...this.#entries].filter(([id, { typed }]) => typed != null && id.startsWith(idOfForm(form)));

  #forget(form: Element): void {
    for (const [id, entry] of this.#typedIn(form)) {
      this.#entries.set(id, { ...entry, typed: undefined });
      inStorage((storage) => storage.removeItem(this.#storedAs(id)));
    }
  }

  #storedAs = (id: string) => `lg-magics ${this.name} ${id}`;
}

/** Use the storage of the session. Without one, typed text does not survive a reload. */
function inStorage(use: (storage: Storage) => void): void {
  try {
    use(sessionStorage);
  } catch {
    // There is none, or its content is not ours.
  }
}

const wordsOf = (problem: unknown) => (problem as Error).message;
const isFailure = (content?: Child) => typeof content === 'object' && content[1].class === 'lg-failure';

const isAtEnd = (box: Element) => box.scrollTop + box.clientHeight >= box.scrollHeight - NEAR_THE_END;

const attributesOf = (element: Element): Attributes => vnodeOf(element)?.source[1] ?? {};

const idOfForm = (form: Element | null) => vnodeOf(form)?.id ?? '';

const enteredIn = (box: Element, { value }: VNode) =>
  (box as HTMLInputElement)[typeof value === 'boolean' ? 'checked' : 'value'];

/** The values of a form: fields by key, choices and inner forms by name. */
function filled(form: Element, frame: Frame): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [element, attributes, vnode] of parts(form)) {
    const choice = attributes['data-choice'];
    if (attributes['data-form'] != null) found[attributes['data-form']] = filled(element, frame);
    else if (choice != null) {
      const [field] = split(choice);
      found[field] ??= frame.entry(choiceId(idOfForm(form), field)).typed ?? '';
    } else if (vnode.value != null) {
      found[attributes.key ?? ''] = enteredIn(element, vnode);
    }
  }
  return found;
}

/** Whether every field is valid for the browser, and every required text and choice is there. */
function isValid(form: Element, frame: Frame): boolean {
  for (const [element, attributes] of parts(form)) {
    const isRequired = attributes.required != null;
    if (attributes['data-form'] != null) {
      if (!isValid(element, frame)) return false;
    } else if (element.matches('input, select, textarea')) {
      const box = element as HTMLInputElement;
      if (!box.checkValidity() || (isRequired && !box.value.trim())) return false;
      if (attributes['data-check'] != null && jsonProblem(box.value)) return false;
    } else if (isRequired && !frame.entry(choiceId(idOfForm(form), attributes.key ?? '')).typed) return false;
  }
  return true;
}

/** The fields, choices and inner forms of a form, without those of its inner forms. */
function* parts(form: Element): Generator<[Element, Attributes, VNode]> {
  for (const element of form.children) {
    const vnode = vnodeOf(element);
    if (!vnode) continue;
    const attributes = attributesOf(element);
    const isForm = attributes['data-form'] != null;
    if (isForm || vnode.value != null || (attributes['data-choice'] ?? attributes.required) != null)
      yield [element, attributes, vnode];
    if (!isForm) yield* parts(element);
  }
}
