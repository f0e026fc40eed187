/**
 * The run card on a page: a function of the card and of what the page knows. Asks nobody, remembers nothing.
 * lg_magics/views/card_html.py draws the same picture for a saved notebook; a test holds their texts together.
 */
import type { Card, Interrupt } from './card';
import { drawForm, drawResume } from './draw_form';
import { drawHead } from './draw_head';
import { drawSteps } from './draw_steps';
import { h, type Maybe, patch, type Wanted } from './dom';
import { markdown } from './markdown';
import { liveButton } from './live_button';
import type { Page } from './page';

const INLINE = ['strong', 'em', 's', 'code', 'a', 'br', 'hr'];

/** Make `element` show this card; what already shows it is left alone. */
export function draw(element: Element, card: Card, page: Page): void {
  const before = element.querySelector('.lg-text');
  const stick = before ? isAtBottom(before) : card.streaming;
  const label = `run ${card.run.number} of ${card.assistant}`;
  const frame = { class: `lg-card lg-${card.status}`, key: 'card', role: 'group', 'aria-label': label };
  patch(element, [h('div', frame, drawHead(card, page), drawBody(card, page))]);
  const after = element.querySelector('.lg-text');
  if (after && stick && (before || !card.settled)) after.scrollTop = after.scrollHeight;
}

const isAtBottom = (box: Element) => box.scrollTop + box.clientHeight >= box.scrollHeight - 8;

function drawBody(card: Card, page: Page): Maybe {
  const parts = [
    card.answered.map((line) => drawNote('answered', line)),
    drawSteps(card, page.passed),
    card.again && drawNote('again', card.again),
    card.note && drawNote('note', card.note),
    drawText(card),
    card.interrupts.map((interrupt) => drawInterrupt(interrupt, card, page)),
    card.status === 'waiting' && !card.note && drawNote('waits', waits(card)),
    card.can_resume && drawResume(card, page),
    card.error && h('div', { class: 'lg-error' }, card.error.summary),
    page.failure && h('div', { class: 'lg-failure', role: 'alert', 'data-live': '' }, page.failure),
    drawFoot(card, page)
  ];
  return (
    parts.some((part) => part && (!Array.isArray(part) || part.length)) &&
    h('div', { class: 'lg-body' }, parts)
  );
}

const drawNote = (key: string, words: string) => h('div', { class: 'lg-note', key }, words);

function drawText(card: Card): Maybe {
  if (!card.text.length && !card.streaming) return null;
  const properties = { class: 'lg-text', role: 'region', 'aria-label': 'answer', tabindex: 0 };
  const answer = h('div', properties, markdown(card.text));
  if (card.streaming) addCaret(answer);
  const rest = card.rest ? `: ${card.rest} has all` : '';
  return [answer, card.text_cut > 0 && drawNote('cut', `${card.text_cut} characters are not shown${rest}`)];
}

/** The caret stands where the next word will: at the end of the last paragraph, item or cell. */
function addCaret(element: Wanted): void {
  const last = element.children.at(-1);
  if (last && typeof last !== 'string' && !INLINE.includes(last.tag)) addCaret(last);
  else element.children.push(h('i', { class: 'lg-caret', 'aria-hidden': true }));
}

const waits = ({ interrupts }: Card) =>
  interrupts.length ? 'waiting for an answer' : 'stopped at a breakpoint';

function drawInterrupt(interrupt: Interrupt, card: Card, page: Page): Maybe {
  const { node, question, detail } = interrupt;
  return h(
    'div',
    { class: 'lg-ask' },
    h('b', {}, node),
    ' ',
    h('span', {}, `asks: ${question}`),
    detail && h('pre', { tabindex: 0 }, detail),
    card.can_resume && drawForm(interrupt, page)
  );
}

function drawFoot({ state, code, error, footnote }: Card, page: Page): Maybe {
  if (!state && !code && !error?.whole && !footnote) return null;
  const copy = { class: 'lg-copy', click: () => page.copy('code', code) };
  const button = liveButton(copy, page.copied === 'code' ? 'Copied' : 'Copy code');
  return h(
    'div',
    { class: 'lg-foot' },
    error?.whole ? fold('Full error', h('pre', { tabindex: 0 }, error.whole)) : '',
    code && fold('As SDK code', h('pre', { tabindex: 0 }, h('code', {}, code)), button),
    state && fold('State', h('pre', { tabindex: 0 }, state)),
    footnote && h('span', { class: 'lg-footnote' }, footnote)
  );
}

const fold = (title: string, ...inside: Maybe[]) =>
  h('details', { key: title }, h('summary', {}, title), ...inside);
