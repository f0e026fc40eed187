/**
 * A batch's card that lives on a page: what only the page knows (BatchPage), redrawn when that or the card changes. Knows no
 * kernel: it is told of cards and failures, and asks for a cancel or a retry. Ends with its AbortSignal.
 */
import { type Batch, batchFrom, leftAlone } from './batch';
import { copyText } from './copy';
import { type BatchPage, drawBatch } from './draw_batch';
import { keepOwnKeys } from './own_keys';
import { tick } from './ticking';

const TICK = 100; // ms
const COPIED_SHOWS = 1500; // ms

export interface BatchActions {
  cancel(): void;
  retry(): void;
}

export class LiveBatch implements BatchPage {
  cancel: BatchPage['cancel'] = 'no';
  retrying = false;
  failure = '';
  copied = '';
  private batch: Batch | null = null;
  private came = 0;
  private ticker = 0;
  private copiedTimer = 0;

  constructor(
    private element: HTMLElement,
    private actions: BatchActions,
    private signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => {
      clearInterval(this.ticker);
      clearTimeout(this.copiedTimer);
      this.batch = null;
    });
    element.addEventListener('keydown', keepOwnKeys, { signal });
  }

  get passed(): number {
    return (performance.now() - this.came) / 1000;
  }

  /** Show this card, which came at `came` (a time of `performance.now`), while a kernel hears what is asked; or its last view. */
  show(json: unknown, came = performance.now(), isHeard = true): void {
    const before = this.batch;
    const known = batchFrom(json);
    const batch = (this.batch = isHeard ? known : leftAlone(known));
    this.came = came;
    if (!batch.can_cancel) this.cancel = 'no';
    if (batch.settled || batch.can_retry !== before?.can_retry) this.retrying = false;
    this.redraw();
    this.run(!batch.settled && batch.elapsed !== null);
  }

  /** The kernel could not do what was asked. */
  fail(message: string): void {
    this.cancel = 'no';
    this.retrying = false;
    this.failure = message;
    this.redraw();
  }

  askCancel(): void {
    [this.cancel, this.failure] = ['asking', ''];
    this.redraw('.lg-keep');
  }

  cancelNow(): void {
    this.cancel = 'going';
    this.redraw('.lg-cancel');
    this.actions.cancel();
  }

  goOn(): void {
    this.cancel = 'no';
    this.redraw('.lg-cancel');
  }

  retry(): void {
    [this.retrying, this.failure] = [true, ''];
    this.redraw();
    this.actions.retry();
  }

  async copy(text: string): Promise<void> {
    const copied = await copyText(text);
    if (this.signal.aborted) return;
    this.failure = copied ? '' : 'This page may not copy: select the text instead.';
    this.copied = copied ? text : '';
    this.redraw();
    clearTimeout(this.copiedTimer);
    this.copiedTimer = setTimeout(() => {
      this.copied = '';
      this.redraw();
    }, COPIED_SHOWS);
  }

  /** What had the focus may be gone by then: it goes to `focus`, if it was in here. */
  private redraw(focus = ''): void {
    if (!this.batch) return;
    const had = this.element.contains(document.activeElement);
    drawBatch(this.element, this.batch, this);
    if (had && focus) this.element.querySelector<HTMLElement>(focus)?.focus();
  }

  private run(on: boolean): void {
    clearInterval(this.ticker);
    if (on) this.ticker = setInterval(() => tick(this.element, this.passed), TICK);
  }
}
