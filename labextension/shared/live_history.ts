/**
 * A history that lives on a page: the row that is chosen, what was said of each, a fork that is asked back. Knows no kernel.
 * Checkpoints never change, so that each is asked for once. Ends with its AbortSignal.
 */
import { drawHistory, type HistoryPage } from './draw_history';
import { type Detail, detailFrom, type History, historyFrom, type Row } from './history';
import { insertOrCopy } from './insert';
import { hearRowKeys } from './row_keys';

export interface HistoryActions {
  select(id: string): void;
  fork(id: string): void;
  close(): void;
}

export class LiveHistory implements HistoryPage {
  isHeard = true;
  selected = '';
  stop = '';
  fork: HistoryPage['fork'] = 'no';
  said = '';
  failure = '';
  private details = new Map<string, Detail>();
  private history: History | null = null;

  constructor(
    private element: HTMLElement,
    private actions: HistoryActions,
    private signal: AbortSignal
  ) {
    hearRowKeys(element, this, signal);
    signal.addEventListener('abort', () => (this.history = null));
  }

  get detail(): Detail | null {
    return this.details.get(this.selected) ?? null;
  }

  show(json: unknown, isHeard = true): void {
    this.history = historyFrom(json);
    this.isHeard = isHeard;
    const ids = this.ids;
    if (!isHeard || !ids.includes(this.selected)) [this.selected, this.fork] = ['', 'no'];
    if (!ids.includes(this.stop)) this.stop = this.selected || (ids[0] ?? '');
    this.redraw();
  }

  /** The kernel has looked at a checkpoint. */
  tell(json: unknown): void {
    const detail = detailFrom(json);
    this.details.set(detail.id, detail);
    this.redraw();
  }

  forked(message: string): void {
    this.fork = 'no';
    this.said = message;
    this.redraw('.lg-fork');
  }

  /** The kernel could not do what was asked. */
  fail(id: string, message: string): void {
    if (id && id !== this.selected) return;
    this.fork = 'no';
    this.failure = message;
    this.redraw();
  }

  select(id: string): void {
    [this.selected, this.stop, this.fork, this.failure, this.said] = [id, id, 'no', '', ''];
    if (!this.detail) this.actions.select(id);
    this.redraw();
  }

  askFork(): void {
    [this.fork, this.said, this.failure] = ['asking', '', ''];
    this.redraw('.lg-keep');
  }

  forkNow(): void {
    this.fork = 'going';
    this.redraw();
    this.actions.fork(this.selected);
  }

  keep(): void {
    this.fork = 'no';
    this.redraw('.lg-fork');
  }

  close(): void {
    this.actions.close();
  }

  async insert({ line }: Row): Promise<void> {
    const told = await insertOrCopy(this.element, line);
    if (this.signal.aborted) return;
    Object.assign(this, told);
    this.redraw();
  }

  stopAt(id: string): void {
    this.stop = id;
    this.redraw();
  }

  get ids(): string[] {
    return this.history?.rows.map(({ id }) => id) ?? [];
  }

  /** What had the focus may be gone by then: it goes to `focus`, if it was in here. */
  private redraw(focus = ''): void {
    if (!this.history) return;
    const had = this.element.contains(document.activeElement);
    drawHistory(this.element, this.history, this);
    if (had && focus) this.element.querySelector<HTMLElement>(focus)?.focus();
  }
}
