/**
 * A history that lives on a page: the row that is chosen, what was said of each, a fork that is asked back. Knows no kernel.
 * Checkpoints never change, so that each is asked for once. Ends with its AbortSignal.
 */
import { copyText } from './copy';
import { drawHistory, type HistoryPage } from './draw_history';
import { type Detail, detailFrom, type History, historyFrom, type Row } from './history';

export interface HistoryActions {
  select(id: string): void;
  fork(id: string): void;
  close(): void;
}

/** Asks the page for a new cell with `detail.text`; who made one prevents the default. src/insert_for_card.ts hears it. */
export const INSERT = 'lg-magics:insert-cell';
const MOVES = ['ArrowUp', 'ArrowDown', 'Home', 'End'];

export class LiveHistory implements HistoryPage {
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
    element.addEventListener('keydown', (event) => this.press(event), { signal });
    element.addEventListener('focusin', (event) => this.come(event), { signal });
    signal.addEventListener('abort', () => (this.history = null));
  }

  get detail(): Detail | null {
    return this.details.get(this.selected) ?? null;
  }

  show(json: unknown): void {
    this.history = historyFrom(json);
    const ids = this.ids;
    if (!ids.includes(this.selected)) [this.selected, this.fork] = ['', 'no'];
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
    const wish = new CustomEvent(INSERT, { bubbles: true, cancelable: true, detail: { text: line } });
    const inserted = !this.element.dispatchEvent(wish);
    const copied = inserted || (await copyText(line));
    if (this.signal.aborted) return;
    this.said = inserted
      ? 'Inserted below, not run.'
      : copied
        ? 'No cell could be inserted here: the line is copied.'
        : '';
    this.failure = copied ? '' : 'This page may neither insert nor copy: select the line instead.';
    this.redraw();
  }

  private get ids(): string[] {
    return this.history?.rows.map(({ id }) => id) ?? [];
  }

  /** Keys of the grid are its own; Enter and the space bar stay on the history, whatever the notebook does with them. */
  private press(event: KeyboardEvent): void {
    const { key, target } = event;
    if ('Enter '.includes(key)) event.stopPropagation();
    const id = (target as HTMLElement).closest('button, summary') ? null : (target as HTMLElement).dataset.id;
    if (id == null || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (MOVES.includes(key)) this.move(id, key);
    else if ('Enter '.includes(key)) this.select(id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private move(from: string, key: string): void {
    const last = this.ids.length - 1;
    const place = this.ids.indexOf(from);
    const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: last }[key] ?? place;
    this.row(this.ids[Math.max(0, Math.min(last, to))])?.focus();
  }

  /** Where the focus is in the grid, there Tab comes back to. */
  private come({ target }: FocusEvent): void {
    const { id } = (target as HTMLElement).dataset;
    if (id == null || id === this.stop) return;
    this.stop = id;
    this.redraw();
  }

  private row(id: string | undefined): HTMLElement | undefined {
    return [...this.element.querySelectorAll<HTMLElement>('tr[data-id]')].find(
      (row) => row.dataset.id === id
    );
  }

  /** What had the focus may be gone by then: it goes to `focus`, if it was in here. */
  private redraw(focus = ''): void {
    if (!this.history) return;
    const had = this.element.contains(document.activeElement);
    drawHistory(this.element, this.history, this);
    if (had && focus) this.element.querySelector<HTMLElement>(focus)?.focus();
  }
}
