/**
 * A panel that lives on a page: what is open, filtered, asked back and filled in, redrawn when that or the kernel's part changes.
 * Knows no Jupyter: it is told which kernel's panel to show, and whether anybody can see it. Ends with its AbortSignal.
 */
import { copyText } from './copy';
import type { Wanted } from './dom';
import { drawPanel } from './draw_panel';
import { answerTo } from './draw_form';
import { insertOrCopy } from './insert';
import { PanelAnswers } from './panel_answers';
import { hearPanelKeys } from './panel_keys';
import { PanelLists } from './panel_lists';
import { type Action, type ListName, LISTS, type Name, type Row, type Section, sectionFrom } from './panel';
import { firstOf, type Focus, PanelDeeds } from './panel_deeds';
import { MANY } from './panel_model';
import type { PanelHost, PanelPage, PanelView, Question } from './panel_page';
import type { Refusal } from './panel_talk';
import { tick } from './ticking';

const TICK = 200; // ms

const NO_COPY = { said: '', failure: 'This page may not copy: select the id instead.' };
const NOTHING: PanelView = { title: '', words: '', lines: [], again: false, model: null };

export class LivePanel implements PanelPage {
  opened: PanelPage['opened'] = null;
  points: Section | null = null;
  pointsFor = '';
  private view = NOTHING;
  private isSeen = false;
  private lists = new PanelLists();
  private deeds = new PanelDeeds(
    () => (this.signal.aborted ? null : this.view.model),
    (focus) => this.redraw(focus),
    (command) => command === 'fork' && this.pointsFor && void this.fetchPoints(this.pointsFor)
  );
  private drawnOnce = new WeakMap<Row, { key: string; wanted: Wanted }>();
  private filled = new PanelAnswers(
    () => this.redraw(),
    (row) => void this.answer(row)
  );
  /** The thread whose questions are to have the keyboard as soon as they are there. */
  private comes = '';
  private ticker: ReturnType<typeof setInterval> | undefined;

  constructor(
    private element: HTMLElement,
    private host: PanelHost,
    private signal: AbortSignal
  ) {
    hearPanelKeys(element, this, signal);
    signal.addEventListener('abort', () => {
      clearInterval(this.ticker);
      this.want([]);
      this.view = NOTHING;
    });
  }

  /** Show this; another kernel's panel begins anew. */
  present(view: PanelView): void {
    if (view.model !== this.view.model) this.begin();
    this.view = view;
    this.wantWhatIsSeen();
    this.redraw();
  }

  /** Whether anybody can see it: what nobody sees is not asked for. */
  see(isSeen: boolean): void {
    const comes = isSeen && !this.isSeen;
    this.isSeen = isSeen;
    if (comes) this.view.model?.refresh();
    this.wantWhatIsSeen();
    this.redraw();
  }

  /** Open what a thread asks, and bring the keyboard there, once it is known. */
  openQuestions(thread: string): void {
    this.lists.unfold('waiting');
    this.comes = thread;
    if (this.opened?.name !== 'waiting' || this.opened.id !== thread) this.open('waiting', thread);
    else this.redraw();
    this.wantWhatIsSeen();
  }

  // -- what is drawn ----------------------------------------------------------------------------------------

  passed(name: Name): number {
    const came = this.view.model?.came.get(name);
    return came === undefined ? 0 : (performance.now() - came) / 1000;
  }

  isOpen(name: Name): boolean {
    return this.lists.isOpen(name);
  }

  filter(name: ListName): string {
    return this.lists.filter(name);
  }

  drawn(name: ListName): number {
    return this.lists.drawn(name);
  }

  stop(name: ListName): string {
    return this.lists.stop(name, this.view.model?.sections.get(name)?.rows ?? []);
  }

  get question(): Question | null {
    return this.deeds.question;
  }

  get said(): string {
    return this.deeds.said;
  }

  get failure(): string {
    return this.deeds.failure;
  }

  isDoing(key: string): boolean {
    return this.deeds.isDoing(key);
  }

  canShow(cell: string): boolean {
    return this.host.canShow?.(cell) ?? false;
  }

  answers(row: Row) {
    return this.filled.of(row);
  }

  once(row: Row, key: string, draw: () => Wanted): Wanted {
    const known = this.drawnOnce.get(row);
    if (known?.key === key) return known.wanted;
    const wanted = draw();
    this.drawnOnce.set(row, { key, wanted });
    return wanted;
  }

  // -- what a person does -----------------------------------------------------------------------------------

  toggle(name: Name): void {
    this.lists.toggle(name);
    this.wantWhatIsSeen();
    this.redraw();
  }

  setFilter(name: ListName, words: string): void {
    this.lists.setFilter(name, words);
    if (words && !this.view.model?.sections.get(name)?.is_whole) this.view.model?.list(name, MANY);
    this.redraw();
  }

  more(name: ListName): void {
    const { model } = this.view;
    const rows = model?.sections.get(name)?.rows.length ?? 0;
    if (this.drawn(name) < rows || this.filter(name)) this.lists.grow(name);
    else model?.list(name, MANY);
    this.redraw();
  }

  open(name: ListName, id: string): void {
    const same = this.opened?.name === name && this.opened.id === id;
    this.opened = same ? null : { name, id };
    this.lists.stopAt(name, id);
    this.deeds.quiet();
    this.redraw();
  }

  stopAt(name: ListName, id: string): void {
    if (this.stop(name) === id) return;
    this.lists.stopAt(name, id);
    this.redraw();
  }

  /** Back out of what was begun last. Says whether there was something. */
  leave(): boolean {
    if (this.question) this.no();
    else if (this.opened) this.open(this.opened.name, this.opened.id);
    else return false;
    return true;
  }

  press(action: Action, name: ListName, row: Row | null): void {
    this.deeds.press(action, name, row);
  }

  yes(): void {
    this.deeds.yes();
  }

  no(): void {
    this.deeds.no();
  }

  async insert(line: string): Promise<void> {
    const told = await (this.host.insert?.(line) ?? insertOrCopy(this.element, line));
    if (this.signal.aborted) return;
    this.deeds.tell(told);
    this.redraw();
  }

  showPoints(row: Row): void {
    void this.fetchPoints(row.id);
  }

  show(cell: string): void {
    this.host.show?.(cell);
  }

  refresh(): void {
    this.deeds.quiet();
    this.view.model?.refresh();
    if (this.pointsFor) void this.fetchPoints(this.pointsFor);
    this.redraw();
  }

  again(): void {
    this.host.again?.();
  }

  async copy(text: string): Promise<void> {
    const copied = await copyText(text);
    if (this.signal.aborted) return;
    this.deeds.tell(copied ? { said: 'The id is copied.', failure: '' } : NO_COPY);
    this.redraw();
  }

  // -- what is asked of the kernel --------------------------------------------------------------------------

  private async answer(row: Row): Promise<void> {
    const answers = this.filled.of(row);
    const given = {
      thread: row.id,
      mark: row.mark,
      answers: row.asks.map((asked) => answerTo(asked, answers))
    };
    const done = await this.deeds.do(`answer ${row.id}`, 'answer', given);
    this.filled.sent(row, done);
    if (done) this.opened = null;
    this.redraw(firstOf('.lg-refresh'));
  }

  private async fetchPoints(thread: string): Promise<void> {
    const { model } = this.view;
    if (this.pointsFor !== thread) this.points = null;
    this.pointsFor = thread;
    this.redraw();
    const found = await model?.talk.ask('checkpoints', { thread }).catch((problem: Refusal) => problem);
    if (this.signal.aborted || this.pointsFor !== thread || model !== this.view.model) return;
    if (found instanceof Error) {
      this.pointsFor = '';
      this.deeds.tell({ said: '', failure: (found as Refusal).words });
    } else this.points = sectionFrom(found);
    this.redraw(firstOf('.lg-point .lg-do'));
  }

  // -- within -----------------------------------------------------------------------------------------------

  private begin(): void {
    this.want([]);
    this.deeds.clear();
    [this.opened, this.points, this.pointsFor] = [null, null, ''];
    this.lists.clear();
    this.filled.clear();
  }

  private wantWhatIsSeen(): void {
    this.want(this.isSeen ? ['deployment', ...LISTS.filter((name) => this.isOpen(name))] : []);
  }

  /** Its host wants the runs too, whoever sees them. */
  private want(names: Name[]): void {
    this.view.model?.want(new Set<Name>([...names, 'runs']));
  }

  /** What had the focus may be gone by then: it goes to `focus`, if it was in here. What still is there keeps it. */
  private redraw(focus?: Focus): void {
    if (this.signal.aborted) return;
    clearInterval(this.ticker);
    if (!this.isSeen) return;
    const had = this.element.contains(document.activeElement);
    drawPanel(this.element, this.view, this);
    if (had && !this.element.contains(document.activeElement)) focus?.(this.element)?.focus();
    this.focusOnQuestions();
    const { model } = this.view;
    const goesOn = model?.sections.get('runs')?.rows.some(({ goes_on }) => goes_on) && this.isOpen('runs');
    if (goesOn) this.ticker = setInterval(() => tick(this.element, this.passed('runs')), TICK);
  }

  private focusOnQuestions(): void {
    if (this.opened?.name !== 'waiting' || this.opened.id !== this.comes) return;
    const first = this.element.querySelector<HTMLElement>(
      '.lg-waiting .lg-form :is(textarea, button), .lg-resume'
    );
    if (first) this.comes = '';
    first?.focus();
  }
}
