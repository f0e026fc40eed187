/**
 * A card that lives on a page: what only the page knows (Page), redrawn when that or the card changes.
 * Knows no kernel: it is told of cards and failures, and asks for a cancel. Ends with its AbortSignal.
 */
import { type Card, cardFrom, leftAlone } from './card';
import { copyText } from './copy';
import { draw } from './draw_card';
import { answerTo } from './draw_form';
import { keepOwnKeys } from './own_keys';
import type { Page, Said } from './page';
import { tick } from './ticking';

const TICK = 100; // ms
const COPIED_SHOWS = 1500; // ms

export interface Actions {
  cancel(): void;
  resume(answers: object[]): void;
  look(number: number): void;
}

export class LiveCard implements Page {
  cancelling = false;
  failure = '';
  copied = '';
  resuming = false;
  private answers = new Map<string, Said>();
  private card: Card | null = null;
  private came = 0;
  private acknowledged = false;
  private ticker = 0;
  private copiedTimer = 0;

  constructor(
    private element: Element,
    private actions: Actions,
    private signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => {
      clearInterval(this.ticker);
      clearTimeout(this.copiedTimer);
      this.card = null;
    });
    element.addEventListener('keydown', keepOwnKeys, { signal });
  }

  get passed(): number {
    return (performance.now() - this.came) / 1000;
  }

  /** Show this card, which came at `came` (a time of `performance.now`), while a kernel hears what is asked; or its last view. */
  show(json: unknown, came = performance.now(), isHeard = true): void {
    const known = cardFrom(json);
    const card = (this.card = isHeard ? known : leftAlone(known));
    this.came = came;
    const says = card.note.startsWith('cancelling');
    if (!card.can_cancel || (this.acknowledged && !says)) this.cancelling = this.acknowledged = false;
    else this.acknowledged ||= this.cancelling && says;
    if (!card.can_resume) this.resuming = false;
    if (card.settled && !card.can_resume) this.failure = '';
    this.redraw();
    this.run(!card.settled && card.status !== 'pending');
  }

  /** The kernel could not do what was asked. */
  fail(message: string): void {
    this.cancelling = this.acknowledged = this.resuming = false;
    this.failure = message;
    this.redraw();
  }

  cancel(): void {
    this.cancelling = true;
    this.failure = '';
    this.redraw();
    this.actions.cancel();
  }

  said(id: string): Said {
    return this.answers.get(id) ?? { way: '', text: '' };
  }

  say(id: string, changes: Partial<Said>): void {
    this.answers.set(id, { ...this.said(id), ...changes });
    this.redraw();
  }

  resume(): void {
    this.resuming = true;
    this.failure = '';
    this.redraw();
    this.actions.resume(this.card!.interrupts.map((each) => answerTo(each, this)));
  }

  look(number: number): void {
    this.actions.look(number);
  }

  async copy(name: string, text: string): Promise<void> {
    const copied = await copyText(text);
    if (this.signal.aborted) return;
    this.failure = copied ? '' : 'This page may not copy: select the text instead.';
    this.copied = copied ? name : '';
    this.redraw();
    clearTimeout(this.copiedTimer);
    this.copiedTimer = setTimeout(() => {
      this.copied = '';
      this.redraw();
    }, COPIED_SHOWS);
  }

  private redraw(): void {
    if (this.card) draw(this.element, this.card, this);
  }

  private run(on: boolean): void {
    clearInterval(this.ticker);
    if (on) this.ticker = setInterval(() => tick(this.element, this.passed), TICK);
  }
}
