/**
 * A view on a page: draws a tree with what the page knows laid over it, and does what its attributes ask for. Choosing, opening,
 * typing and copying need no kernel; a request goes to the kernel and always ends. Knows no view. Ends with its AbortSignal.
 */
import { copyText } from '../shared/copy';
import { keepOwnKeys } from '../shared/own_keys';
import { type Attributes, checked, type Child } from './allowed';
import { duration } from './duration';
import { choiceId, type Entry, type Frame, NO, overlay, split } from './overlay';
import { patch, type Wanted, wantedOf } from './patch';
import { RequestError } from './requests';

const TICK = 100; // ms
const COPIED_SHOWS = 1500; // ms
const NEAR_THE_END = 8; // px
const NO_COPY = 'This page may not copy: select the text instead.';

const [STICK, SINCE, NEEDS_VALID] = ['data-stick', 'data-since', 'data-needs-valid'] as const;
const MARKS: readonly string[] = [STICK, SINCE, NEEDS_VALID];
const NOTHING: Entry = {};

export type Ask = (command: string, given: object) => Promise<unknown>;

export interface Shown {
  tree: unknown;
  /** The kernel's clock, less the page's, in seconds. */
  ahead: number;
  isLive: boolean;
}

export class View implements Frame {
  readonly #element: HTMLElement;
  readonly #ask: Ask;
  readonly #name: string;
  readonly #signal: AbortSignal;
  isLive = false;
  asking = '';
  invalid: ReadonlySet<string> = new Set();
  #tree: Child = '';
  #ahead = 0;
  #entries = new Map<string, Entry>();
  /** The elements that need a hand after each patch, by the attribute that says so. */
  #marked = new Map<string, HTMLElement[]>(MARKS.map((name) => [name, []]));
  #ticker = 0;

  /** `name` names the view across a reload of the page, for the text that was typed into it. */
  constructor(element: HTMLElement, ask: Ask, name: string, signal: AbortSignal) {
    this.#element = element;
    this.#ask = ask;
    this.#name = name;
    this.#signal = signal;
    const on = (event: string, listener: (event: Event) => void, capture = false) =>
      element.addEventListener(event, listener, { signal, capture });
    this.#restore();
    on('click', (event) => this.#click(event.target as Element));
    on('input', (event) => this.#type(event.target as Element));
    on('toggle', (event) => this.#toggle(event.target as Element), true);
    on('keydown', keepOwnKeys);
    signal.addEventListener('abort', () => clearInterval(this.#ticker));
  }

  get now(): number {
    return Date.now() / 1000 + this.#ahead;
  }

  entry(id: string): Entry {
    return this.#entries.get(id) ?? NOTHING;
  }

  show({ tree, ahead, isLive }: Shown): void {
    this.#tree = checked(tree);
    this.#ahead = ahead;
    this.isLive = isLive;
    this.#draw();
  }

  // -- drawing ----------------------------------------------------------------------------------------------

  #draw(): void {
    if (this.#signal.aborted) return;
    const focused = document.activeElement;
    const scrolledAway = new Set(
      this.#marked
        .get(STICK)!
        .filter((box) => box.scrollTop + box.clientHeight < box.scrollHeight - NEAR_THE_END)
    );
    patch(this.#element, overlay(this.#tree, this));
    if (!this.#element.querySelector('.lg-no')) this.asking = ''; // what it was about is gone
    this.#mark();
    this.#refocus(focused);
    for (const box of this.#marked.get(STICK)!) if (!scrolledAway.has(box)) box.scrollTop = box.scrollHeight;
    this.#tick();
    this.#validate();
  }

  #mark(): void {
    for (const name of MARKS) this.#marked.set(name, []);
    for (const each of this.#element.querySelectorAll<HTMLElement>('*')) {
      const attributes = attributesOf(each);
      for (const name of MARKS) if (attributes[name] != null) this.#marked.get(name)!.push(each);
    }
  }

  /** What was moved has lost the focus; what is gone may say where it goes. */
  #refocus(focused: Element | null): void {
    if (!focused || focused === document.activeElement || !wantedOf(focused)) return;
    if (this.#element.contains(focused)) return (focused as HTMLElement).focus();
    const key = attributesOf(focused)['data-focus'];
    if (key == null) return;
    [...this.#element.querySelectorAll<HTMLElement>('*')]
      .find((each) => attributesOf(each).key === key)
      ?.focus();
  }

  /** Clocks go on by themselves. */
  #tick(): void {
    clearInterval(this.#ticker);
    const clocks = this.isLive ? this.#marked.get(SINCE)! : [];
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
    for (const button of this.#marked.get(NEEDS_VALID)!) {
      const form = this.#formOf(button);
      if (form && !isValid(form, this)) invalid.add(wantedOf(form)!.id);
    }
    if ([...invalid].join() === [...this.invalid].join()) return;
    this.invalid = invalid;
    patch(this.#element, overlay(this.#tree, this));
  }

  #change(id: string, changes: Entry): void {
    this.#entries.set(id, { ...this.entry(id), ...changes });
    this.#draw();
  }

  // -- what a person does -----------------------------------------------------------------------------------

  #click(target: Element): void {
    const button = target.closest('button, [tabindex]');
    const wanted = wantedOf(button);
    if (!button || !wanted?.source || !this.isLive) return;
    const attributes = wanted.source[1];
    const choice = attributes['data-choice'];
    if (choice != null) this.#choose(button, choice);
    const copied = attributes['data-copy'];
    if (copied != null)
      void this.#copy(
        wanted.id,
        copied || (button.closest('details')?.querySelector('pre')?.textContent ?? '')
      );
    if (attributes['data-fill'] != null) this.#fill(button, attributes['data-fill']);
    const act = attributes['data-act'];
    if (act == null || button.matches(':disabled, [aria-disabled]')) return;
    if (act === NO || attributes['data-confirm'] != null) this.#confirm(wanted.id, act !== NO);
    else void this.#act(button, wanted);
  }

  /** Ask first; the focus goes to what sends nothing, and then back. */
  #confirm(id: string, asking: boolean): void {
    this.asking = asking ? id : '';
    this.#change(id, { said: undefined });
    for (const each of this.#element.querySelectorAll('button'))
      if (wantedOf(each)!.id === id && each.matches('.lg-no') === asking) each.focus();
  }

  #choose(button: Element, choice: string): void {
    const [field, value] = split(choice);
    const id = choiceId(idOfForm(this.#formOf(button)), field);
    this.#change(id, { typed: value });
    this.#keep(id);
  }

  #type(target: Element): void {
    const wanted = wantedOf(target);
    if (!wanted) return;
    const box = target as HTMLInputElement;
    this.#change(wanted.id, { typed: /checkbox|radio/.test(box.type) ? box.checked : box.value });
    this.#keep(wanted.id);
  }

  #toggle(target: Element): void {
    const wanted = wantedOf(target);
    if (!wanted || target.localName !== 'details') return;
    const { open } = target as HTMLDetailsElement;
    if (this.entry(wanted.id).open !== open) this.#entries.set(wanted.id, { ...this.entry(wanted.id), open });
  }

  /** Put a text into the text box of the same form. */
  #fill(button: Element, text: string): void {
    const box = (this.#formOf(button) ?? this.#element).querySelector('textarea');
    const wanted = wantedOf(box);
    if (!wanted) return;
    this.#change(wanted.id, { typed: text });
    this.#keep(wanted.id);
  }

  async #copy(id: string, text: string): Promise<void> {
    const isCopied = await copyText(text);
    if (this.#signal.aborted) return;
    this.#change(id, { copied: isCopied, said: isCopied ? undefined : { words: NO_COPY, isFailure: true } });
    setTimeout(() => this.#change(id, { copied: false }), COPIED_SHOWS);
  }

  /** Send a request with what is filled in, and show what comes of it. */
  async #act(button: Element, wanted: Wanted): Promise<void> {
    const { id, source } = wanted;
    const form = this.#formOf(button);
    this.asking = '';
    for (const [other, entry] of this.#entries)
      if (entry.said) this.#entries.set(other, { ...entry, said: undefined });
    this.#change(id, { busy: true });
    try {
      const fields = form ? { form: filled(form, this) } : {};
      const given = { ...(JSON.parse(source![1]['data-args'] ?? '{}') as object), ...fields };
      const result = (await this.#ask(source![1]['data-act']!, given)) as { said?: unknown } | null;
      const words = typeof result?.said === 'string' ? result.said : '';
      if (form) this.#forget(form);
      this.#change(id, { busy: false, said: words ? { words, isFailure: false } : undefined });
    } catch (problem) {
      const words = problem instanceof RequestError ? problem.words : String(problem);
      this.#change(id, { busy: false, said: { words, isFailure: true } });
    }
  }

  // -- forms ------------------------------------------------------------------------------------------------

  #formOf(element: Element): Element | null {
    for (let at: Element | null = element; at && at !== this.#element; at = at.parentElement)
      if (attributesOf(at)['data-form'] != null) return at;
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
    return `lg-magics ${this.#name} ${id}`;
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

/** What the node of an element says. */
const attributesOf = (element: Element): Attributes => wantedOf(element)?.source?.[1] ?? {};

const idOfForm = (form: Element | null) => wantedOf(form)?.id ?? '';

/** What is filled in: fields by their keys, choices by their names, and forms inside by theirs. */
function filled(form: Element, frame: Frame): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { element, attributes, wanted } of parts(form)) {
    const choice = attributes['data-choice'];
    if (attributes['data-form'] != null) found[attributes['data-form']] = filled(element, frame);
    else if (choice != null) {
      const [field] = split(choice);
      found[field] ??= frame.entry(choiceId(idOfForm(form), field)).typed ?? '';
    } else if (wanted.value != null) {
      const box = element as HTMLInputElement;
      found[attributes.key ?? ''] = typeof wanted.value === 'boolean' ? box.checked : box.value;
    }
  }
  return found;
}

/** Whether every field is filled in as the browser wants it, text where it is required, and a choice made where it must be. */
function isValid(form: Element, frame: Frame): boolean {
  for (const { element, attributes } of parts(form)) {
    const isRequired = attributes.required != null;
    if (attributes['data-form'] != null) {
      if (!isValid(element, frame)) return false;
    } else if (element.matches('input, select, textarea')) {
      const box = element as HTMLInputElement;
      if (!box.checkValidity() || (isRequired && !box.value.trim())) return false;
    } else if (isRequired && !frame.entry(choiceId(idOfForm(form), attributes.key ?? '')).typed) return false;
  }
  return true;
}

interface Part {
  element: Element;
  attributes: Attributes;
  wanted: Wanted;
}

/** The fields, choices and forms of a form; what is inside another form is that one's. */
function* parts(form: Element): Generator<Part> {
  for (const element of form.children) {
    const wanted = wantedOf(element);
    if (!wanted) continue;
    const attributes = attributesOf(element);
    const isForm = attributes['data-form'] != null;
    if (isForm || wanted.value != null || (attributes['data-choice'] ?? attributes.required) != null)
      yield { element, attributes, wanted };
    if (!isForm) yield* parts(element);
  }
}
