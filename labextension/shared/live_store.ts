/**
 * Items of the store that live on a page: the one that is chosen, what is typed, a delete that is asked back. Knows no kernel.
 * What a person has typed stays until it is saved or discarded, whatever becomes of the rows. Ends with its AbortSignal.
 */
import { type Draft, drawStore, type StorePage } from './draw_store';
import { insertOrCopy } from './insert';
import { hearRowKeys } from './row_keys';
import { type Item, type ItemDetail, itemDetailFrom, type Store, storeFrom } from './store';

export interface StoreActions {
  select(id: string): void;
  save(id: string, text: string, seen: string): void;
  delete(id: string, seen: string): void;
  close(): void;
}

const GONE: ItemDetail = { id: '', text: '', size: 0, seen: '', why_not: '', when: '' };

export class LiveStore implements StorePage {
  isHeard = true;
  chosen: Item | null = null;
  stop = '';
  state: StorePage['state'] = 'idle';
  said = '';
  failure = '';
  private details = new Map<string, ItemDetail>();
  private drafts = new Map<string, Draft>();
  private conflicts = new Set<string>();
  private store: Store | null = null;

  constructor(
    private element: HTMLElement,
    private actions: StoreActions,
    private signal: AbortSignal
  ) {
    hearRowKeys(element, this, signal);
    signal.addEventListener('abort', () => (this.store = null));
  }

  get ids(): string[] {
    return this.store?.rows.map(({ id }) => id) ?? [];
  }

  get detail(): ItemDetail | null {
    return this.details.get(this.id) ?? null;
  }

  get draft(): Draft | null {
    return this.drafts.get(this.id) ?? null;
  }

  get conflict(): boolean {
    return this.conflicts.has(this.id);
  }

  show(json: unknown, isHeard = true): void {
    this.store = storeFrom(json);
    this.isHeard = isHeard;
    if (!isHeard) this.state = 'idle';
    const { ids } = this;
    const found = this.store.rows.find(({ id }) => id === this.id);
    if (found) this.chosen = found;
    else if (!this.draft) this.leave();
    if (!ids.includes(this.stop)) this.stop = ids.includes(this.id) ? this.id : (ids[0] ?? '');
    this.redraw('tr[tabindex="0"]');
  }

  // -- what the kernel says ---------------------------------------------------------------------------------

  /** It has looked at an item. */
  tell(json: unknown): void {
    const detail = itemDetailFrom(json);
    this.details.set(detail.id, detail);
    this.redraw();
  }

  saved(id: string, message: string): void {
    this.drafts.delete(id);
    this.conflicts.delete(id);
    this.answered(message, '.lg-edit');
  }

  deleted(id: string, message: string): void {
    this.drafts.delete(id);
    this.details.delete(id);
    if (id === this.id) this.leave();
    this.answered(message, 'tr[tabindex="0"]');
  }

  /** Nothing was done, since the item is another than was seen: `json` as it is now, null for gone. */
  changed(id: string, message: string, json: unknown): void {
    const now = json ? itemDetailFrom(json) : { ...GONE, id };
    this.details.set(id, now);
    const draft = this.drafts.get(id);
    if (draft) {
      this.drafts.set(id, { ...draft, before: now.text, seen: now.seen });
      this.conflicts.add(id);
    }
    this.fail(id, message);
  }

  /** It could not do what was asked. */
  fail(id: string, message: string): void {
    if (id && id !== this.id) return;
    this.state = 'idle';
    this.failure = message;
    this.redraw('.lg-box, .lg-edit');
  }

  // -- what a person does -----------------------------------------------------------------------------------

  select(id: string): void {
    if (this.state === 'saving' || this.state === 'deleting') return;
    this.chosen = this.store?.rows.find((row) => row.id === id) ?? this.chosen;
    [this.stop, this.state, this.failure, this.said] = [id, 'idle', '', ''];
    if (!this.draft) {
      this.details.delete(id);
      this.actions.select(id);
    }
    this.redraw();
  }

  stopAt(id: string): void {
    this.stop = id;
    this.redraw();
  }

  edit(): void {
    const { text, seen } = this.detail!;
    this.drafts.set(this.id, { text, before: text, seen });
    this.quiet();
    this.redraw('.lg-box');
    const box = this.element.querySelector<HTMLTextAreaElement>('.lg-box');
    box?.setSelectionRange(0, 0); // a long value is read from its beginning
  }

  type(text: string): void {
    this.drafts.set(this.id, { ...this.draft!, text });
    this.redraw();
  }

  save(): void {
    const { text, seen } = this.draft!;
    this.quiet('saving');
    this.redraw();
    this.actions.save(this.id, text, seen);
  }

  discard(): void {
    this.drafts.delete(this.id);
    this.conflicts.delete(this.id);
    this.quiet();
    this.redraw('.lg-edit, .lg-insert');
  }

  askDelete(): void {
    this.quiet('asking');
    this.redraw('.lg-keep');
  }

  deleteNow(): void {
    this.quiet('deleting');
    this.redraw();
    this.actions.delete(this.id, this.detail?.seen ?? '');
  }

  keep(): void {
    this.quiet();
    this.redraw('.lg-delete');
  }

  async insert({ line }: Item): Promise<void> {
    const told = await insertOrCopy(this.element, line);
    if (this.signal.aborted) return;
    Object.assign(this, told);
    this.redraw();
  }

  close(): void {
    this.actions.close();
  }

  private get id(): string {
    return this.chosen?.id ?? '';
  }

  private leave(): void {
    this.chosen = null;
    this.state = 'idle';
  }

  private quiet(state: StorePage['state'] = 'idle'): void {
    [this.state, this.said, this.failure] = [state, '', ''];
  }

  private answered(message: string, focus: string): void {
    this.quiet();
    this.said = message;
    this.redraw(focus);
  }

  /** What had the focus may be gone by then: it goes to `focus`, if it was in here. What still is there keeps it. */
  private redraw(focus = ''): void {
    if (!this.store) return;
    const had = this.element.contains(document.activeElement);
    drawStore(this.element, this.store, this);
    if (had && focus && !this.element.contains(document.activeElement))
      this.element.querySelector<HTMLElement>(focus)?.focus();
  }
}
