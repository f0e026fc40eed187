/** The card's head: status in words, what runs where, ids that copy, the time, Cancel. A function of card and page. */
import type { Card } from './card';
import { h, type Maybe } from './dom';
import { liveButton } from './live_button';
import type { Page } from './page';
import { ticking } from './ticking';
import { shortId } from './words';

export function drawHead(card: Card, page: Page): Maybe {
  const { thread, run } = card;
  return h(
    'div',
    { class: 'lg-head' },
    h('span', { class: 'lg-pill', role: 'status' }, h('i', { 'aria-hidden': true }), card.status),
    h('span', { class: 'lg-place' }, [card.deployment, card.assistant].filter(Boolean).join(' · ')),
    card.protected && h('span', { class: 'lg-chip lg-protected', key: 'protected' }, 'protected'),
    thread?.title ? h('span', { class: 'lg-title', title: thread.title }, `“${thread.title}”`) : '',
    thread && idButton('thread', shortId(thread.number, thread.id, 6), thread.id, page),
    idButton('run', shortId(run.number, run.id, 5), run.id, page),
    drawTurn(card, page),
    card.defaults.map((text) => h('span', { class: 'lg-chip' }, text)),
    drawEnd(card, page)
  );
}

/** `‹ 2 of 3 ›`: the other runs of the card's cell. */
function drawTurn({ turn }: Card, page: Page): Maybe {
  if (!turn) return null;
  const { number, of } = turn;
  const to = (other: number, key: string, label: string) => {
    const ends = other < 1 || other > of;
    const click = () => ends || page.look(other);
    return liveButton({ class: 'lg-to', key, 'aria-label': label, 'aria-disabled': ends, click }, key);
  };
  return h(
    'span',
    { class: 'lg-turn' },
    to(number - 1, '‹', 'previous run'),
    `${number} of ${of}`,
    to(number + 1, '›', 'next run')
  );
}

function drawEnd(card: Card, page: Page): Maybe {
  const time = card.elapsed !== null && ticking('lg-time', card.elapsed, !card.settled, page.passed);
  return (
    (time || card.can_cancel) &&
    h('span', { class: 'lg-end' }, time, card.can_cancel && drawCancel(card, page))
  );
}

/** Not `disabled` while it waits: that would throw the keyboard's focus away. */
function drawCancel({ note }: Card, page: Page): Maybe {
  const waits = page.cancelling || note.startsWith('cancelling');
  const click = () => waits || page.cancel();
  return liveButton({ class: 'lg-cancel', 'aria-disabled': waits, click }, waits ? 'cancelling…' : 'Cancel');
}

function idButton(name: string, label: string, id: string, page: Page): Maybe {
  if (!label) return null;
  const copied = page.copied === name;
  return h(
    'button',
    {
      class: 'lg-id',
      key: name,
      type: 'button',
      title: id,
      'aria-label': copied ? `${name} id copied` : `copy ${name} id ${label}`,
      click: () => page.copy(name, id)
    },
    label,
    copied && h('span', { class: 'lg-copied', 'data-live': '' }, 'copied')
  );
}
