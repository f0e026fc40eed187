/**
 * A batch's card on a page: a function of the card and of what the page knows. Asks nobody, remembers nothing.
 * lg_magics/views/batch_html.py draws the same picture for a saved notebook; a test holds their texts together.
 */
import type { Batch, Failure } from './batch';
import { h, type Maybe, patch } from './dom';
import { liveButton } from './live_button';
import { ticking } from './ticking';
import { shortId } from './words';

/** What only the page knows about the card, and what a person can do on it. */
export interface BatchPage {
  /** Seconds since the card came. */
  passed: number;
  /** Cancel all: not asked for, asked back, or sent. */
  cancel: 'no' | 'asking' | 'going';
  /** Retry failed was pressed and not yet answered. */
  retrying: boolean;
  /** Why the last thing asked for could not be done. */
  failure: string;
  /** What was copied a moment ago. */
  copied: string;
  askCancel(): void;
  cancelNow(): void;
  goOn(): void;
  retry(): void;
  copy(text: string): void;
}

/** Make `element` show this card; what already shows it is left alone. */
export function drawBatch(element: Element, batch: Batch, page: BatchPage): void {
  const frame = {
    class: `lg-card lg-batch lg-${batch.status}`,
    key: 'card',
    role: 'group',
    'aria-label': `batch ${batch.id}`
  };
  patch(element, [h('div', frame, drawHead(batch, page), drawBody(batch, page))]);
}

function drawHead(batch: Batch, page: BatchPage): Maybe {
  const source = `“${batch.source}”`;
  return h(
    'div',
    { class: 'lg-head' },
    h('span', { class: 'lg-pill', role: 'status' }, h('i', { 'aria-hidden': true }), batch.status),
    h('span', { class: 'lg-place' }, [batch.deployment, batch.assistants].filter(Boolean).join(' · ')),
    batch.protected && h('span', { class: 'lg-chip lg-protected', key: 'protected' }, 'protected'),
    batch.source && h('span', { class: 'lg-title', title: source }, source),
    idButton('batch', `batch ${batch.id}`, batch.id, page),
    drawEnd(batch, page)
  );
}

function drawEnd(batch: Batch, page: BatchPage): Maybe {
  const { elapsed, settled, can_cancel } = batch;
  const time = elapsed !== null && ticking('lg-time', elapsed, !settled, page.passed);
  return (time || can_cancel) && h('span', { class: 'lg-end' }, time, can_cancel && drawCancel(page));
}

/** Not `disabled` while it waits: that would throw the keyboard's focus away. */
function drawCancel(page: BatchPage): Maybe {
  const click = () => page.cancel === 'no' && page.askCancel();
  const properties = { class: 'lg-cancel', 'aria-disabled': page.cancel !== 'no', click };
  return liveButton(properties, page.cancel === 'going' ? 'cancelling…' : 'Cancel all');
}

function drawBody(batch: Batch, page: BatchPage): Maybe {
  return h(
    'div',
    { class: 'lg-body' },
    page.cancel === 'asking' && batch.can_cancel && drawQuestion(batch, page),
    drawBar(batch),
    h('ul', { class: 'lg-counts', 'aria-label': 'runs by status' }, batch.counts.map(drawCount)),
    h('div', { class: 'lg-note', key: 'progress' }, batch.progress),
    batch.notes.map((note) => h('div', { class: 'lg-note lg-known', key: 'known' }, note)),
    drawFailures(batch, page),
    page.failure && h('div', { class: 'lg-failure', role: 'alert', 'data-live': '' }, page.failure),
    drawFoot(batch, page)
  );
}

function drawQuestion({ live }: Batch, page: BatchPage): Maybe {
  const runs = live === 1 ? 'the live run' : `the ${live} live runs`;
  const question = `${live ? `Cancel ${runs}, and launch` : 'Launch'} no more? What has ended stays.`;
  return h(
    'div',
    { class: 'lg-question', role: 'group', 'aria-label': 'Cancel all?', 'data-live': '' },
    h('span', {}, question),
    liveButton({ class: 'lg-yes', click: () => page.cancelNow() }, 'Cancel them'),
    liveButton({ class: 'lg-keep', click: () => page.goOn() }, 'Go on')
  );
}

const classOf = (status: string) => `lg-is-${status.replaceAll(' ', '-')}`;

function drawBar({ bar, ended, runs }: Batch): Maybe {
  const cells = bar.flatMap(([status, count]) =>
    Array.from({ length: count }, () => h('i', { class: classOf(status), key: 'cell' }))
  );
  return h('div', { class: 'lg-bar', role: 'img', 'aria-label': `${ended} of ${runs} ended` }, cells);
}

function drawCount([status, count]: [string, number]): Maybe {
  const dot = h('i', { class: classOf(status), key: 'dot', 'aria-hidden': true });
  return h('li', { key: status }, dot, ' ', h('span', {}, `${thousands(count)} ${status}`));
}

/** `12,345`, as Python writes it, whatever the page's language. */
const thousands = (count: number) => count.toLocaleString('en-US');

function drawFailures({ failures, more_failures }: Batch, page: BatchPage): Maybe {
  return (
    (failures.length > 0 || more_failures > 0) &&
    h(
      'ul',
      { class: 'lg-failures', 'aria-label': 'failed runs' },
      failures.map((failure) => drawFailure(failure, page)),
      more_failures > 0 && h('li', { class: 'lg-more' }, `… and ${thousands(more_failures)} more`)
    )
  );
}

function drawFailure({ row, assistant, error, thread }: Failure, page: BatchPage): Maybe {
  return h(
    'li',
    { key: `${row} ${assistant}` },
    h('span', {}, `row ${row} · ${assistant}`),
    ' ',
    thread && idButton('thread', shortId(thread.number, thread.id, 6), thread.id, page),
    ' ',
    h('span', { class: 'lg-why' }, error)
  );
}

function drawFoot({ line, line_does, can_retry, settled }: Batch, page: BatchPage): Maybe {
  const retry = {
    class: 'lg-retry',
    'aria-disabled': page.retrying,
    click: () => page.retrying || page.retry()
  };
  if (!line && !can_retry) return null;
  return h(
    'div',
    { class: 'lg-foot', 'aria-busy': !settled },
    can_retry > 0 &&
      liveButton(retry, page.retrying ? 'starting…' : `Retry failed (${thousands(can_retry)})`),
    line && h('span', { class: 'lg-how' }, h('code', {}, line), ` ${line_does}`)
  );
}

function idButton(name: string, label: string, id: string, page: BatchPage): Maybe {
  const copied = page.copied === id;
  return h(
    'button',
    {
      class: 'lg-id',
      key: name,
      type: 'button',
      title: id,
      'aria-label': copied ? `${name} id copied` : `copy ${name} id ${label}`,
      click: () => page.copy(id)
    },
    label,
    copied && h('span', { class: 'lg-copied', 'data-live': '' }, 'copied')
  );
}
