/**
 * An open history on a page: a function of the history and of what the page knows. Asks nobody, remembers nothing.
 * The rows are a grid with one stop for Tab; the selected row's change stands beside it, or below where it is narrow.
 */
import { h, type Maybe, patch } from './dom';
import { NO_KERNEL } from './hearing';
import type { Detail, History, Row } from './history';

/** What only the page knows about a history, and what a person can do on it. */
export interface HistoryPage {
  /** A kernel hears what is asked; else these are rows to read. */
  isHeard: boolean;
  /** The row that was chosen, and the one that Tab comes to. */
  selected: string;
  stop: string;
  /** What the kernel said of the selected row, once it has. */
  detail: Detail | null;
  /** Where the fork stands: not asked for, asked back, under way. */
  fork: 'no' | 'asking' | 'going';
  said: string;
  failure: string;
  select(id: string): void;
  askFork(): void;
  forkNow(): void;
  keep(): void;
  insert(row: Row): void;
  close(): void;
}

const HEADINGS = ['branch', 'step', 'source', 'node', 'next', 'change', 'when', 'checkpoint'];
const KINDS: Record<string, string> = { '@': 'lg-where', '-': 'lg-minus', '+': 'lg-plus' };

/** Make `element` show this history; what already shows it is left alone. */
export function drawHistory(element: Element, history: History, page: HistoryPage): void {
  const chosen = history.rows.find(({ id }) => id === page.selected);
  const frame = {
    class: 'lg-history',
    role: 'group',
    'aria-label': `history of ${history.thread}`
  };
  const body = h(
    'div',
    { class: 'lg-two' },
    drawRows(history, page),
    chosen && page.isHeard ? drawSide(history, chosen, page) : null
  );
  patch(element, [h('div', frame, drawHead(history, page), body)]);
}

function drawHead({ thread, headline, note }: History, page: HistoryPage): Maybe {
  return [
    h(
      'div',
      { class: 'lg-head' },
      h('b', {}, thread),
      h('span', { class: 'lg-soft' }, headline),
      page.isHeard && h('button', { class: 'lg-close', type: 'button', click: () => page.close() }, 'Close')
    ),
    note && h('div', { class: 'lg-note' }, note),
    !page.isHeard && h('div', { class: 'lg-note', key: 'alone' }, NO_KERNEL),
    h('div', { class: 'lg-said', role: 'status' }, page.said),
    page.failure && h('div', { class: 'lg-failure', role: 'alert' }, page.failure)
  ];
}

function drawRows({ rows, thread }: History, page: HistoryPage): Maybe {
  const head = h(
    'tr',
    { key: 'head' },
    HEADINGS.map((name) => h('th', { key: name, scope: 'col' }, name))
  );
  const grid = {
    class: 'lg-rows',
    role: page.isHeard ? 'grid' : undefined,
    'aria-label': `checkpoints of ${thread}`
  };
  return h(
    'div',
    { class: 'lg-scroll' },
    h(
      'table',
      grid,
      h('thead', {}, head),
      h(
        'tbody',
        {},
        rows.map((row) => drawRow(row, page))
      )
    )
  );
}

function drawRow(row: Row, page: HistoryPage): Maybe {
  const choose = {
    'aria-selected': String(row.id === page.selected),
    tabindex: row.id === page.stop ? 0 : -1,
    click: () => page.select(row.id)
  };
  const properties = { key: row.id, 'data-id': row.id, ...(page.isHeard ? choose : {}) };
  const cell = (name: string, words: string, title?: string) =>
    h('td', { class: `lg-${name}`, title: title || undefined }, words);
  return h(
    'tr',
    properties,
    cell('branch', `${row.lane} ${row.branch}`),
    cell('step', row.step),
    cell('source', row.source),
    cell('node', row.node),
    cell('next', row.next),
    cell('change', row.change),
    cell('when', localTime(row.when), row.when),
    cell('tail', row.id && `…${[...row.id].slice(-5).join('')}`, row.id)
  );
}

/** The time of today, the date and the minute of any other day; in the page's own time. */
export function localTime(iso: string, now = new Date()): string {
  const time = new Date(iso);
  if (!iso || Number.isNaN(time.getTime())) return '';
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (time.toDateString() === now.toDateString()) return `${clock}:${two(time.getSeconds())}`;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

function drawSide(history: History, row: Row, page: HistoryPage): Maybe {
  const label = `${row.reference} of ${history.thread}`;
  return h(
    'div',
    { class: 'lg-side', role: 'region', 'aria-label': label, 'aria-busy': !page.detail && !page.failure },
    h('div', { class: 'lg-name' }, h('b', {}, row.reference), h('span', {}, row.change)),
    page.detail ? drawDetail(page.detail) : !page.failure && h('div', { class: 'lg-soft' }, 'fetching…'),
    page.fork === 'no' ? drawButtons(history, row, page) : drawQuestion(history, row, page)
  );
}

function drawDetail(detail: Detail): Maybe {
  const lines = detail.lines.map(([mark, words]) =>
    h('div', { class: KINDS[mark] ?? 'lg-same' }, mark === '@' ? words : `${mark} ${words}`)
  );
  return [
    h(
      'div',
      { class: 'lg-diff', tabindex: 0, role: 'group', 'aria-label': 'change' },
      lines.length ? lines : 'changes nothing'
    ),
    detail.more_lines > 0 && h('div', { class: 'lg-soft', key: 'more' }, `${detail.more_lines} more lines`),
    detail.next && h('div', { class: 'lg-then' }, h('b', {}, 'next'), ` ${detail.next}`),
    h(
      'details',
      { key: 'state' },
      h('summary', {}, 'State'),
      h('pre', { tabindex: 0 }, detail.state),
      detail.state_cut > 0 && h('div', { class: 'lg-soft' }, `${detail.state_cut} characters are not shown`)
    )
  ];
}

function drawButtons({ busy }: History, row: Row, page: HistoryPage): Maybe {
  const fork = {
    class: 'lg-fork',
    type: 'button',
    'aria-disabled': Boolean(busy),
    click: () => !busy && page.askFork()
  };
  return h(
    'div',
    { class: 'lg-buttons' },
    h('button', fork, 'Fork here'),
    h('button', { class: 'lg-insert', type: 'button', click: () => page.insert(row) }, 'Insert cell'),
    h('code', {}, row.line),
    busy && h('div', { class: 'lg-why' }, busy)
  );
}

function drawQuestion({ thread, busy }: History, row: Row, page: HistoryPage): Maybe {
  const going = page.fork === 'going';
  const question = `Move the head of ${thread} to ${row.reference} (…${[...row.id].slice(-5).join('')})? The next run goes on from there. Nothing is deleted: the old branch stays.`;
  const move = {
    class: 'lg-move',
    type: 'button',
    'aria-disabled': going || Boolean(busy),
    click: () => !going && !busy && page.forkNow()
  };
  return h(
    'div',
    { class: 'lg-question', role: 'group', 'aria-label': 'Fork here?' },
    h('div', {}, question),
    busy && h('div', { class: 'lg-why' }, busy),
    h('button', move, going ? 'moving…' : 'Move the head'),
    h('button', { class: 'lg-keep', type: 'button', click: () => page.keep() }, 'Leave it')
  );
}
