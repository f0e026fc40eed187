/** A batch's card as an anywidget, on a model that behaves as anywidget's does, with the cards that the Python tests make. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import bundle from '../../lg_magics/widgets/static/batch.js?raw';
import type { Batch } from '../shared/batch';
import widget from '../widgets/batch';
import { find, place } from './place';

const cards = import.meta.glob<Batch>('../../tests/batch_fixtures/*.json', {
  eager: true,
  import: 'default'
});
const texts = import.meta.glob<string>('../../tests/batch_fixtures/*.txt', {
  eager: true,
  query: '?raw',
  import: 'default'
});
const NAMES = Object.keys(cards).map((path) => path.replace(/.*\/(.*)\..*/, '$1'));
const cardOf = (name: string, changes: Partial<Batch> = {}): Batch => ({
  ...structuredClone(cards[`../../tests/batch_fixtures/${name}.json`]!),
  ...changes
});

class Model {
  readonly sent: unknown[] = [];
  private heard: [string, (value?: unknown) => void][] = [];
  constructor(private card: unknown) {}
  get = () => this.card;
  send = (message: unknown) => this.sent.push(message);
  on = (name: string, callback: () => void) => this.heard.push([name, callback]);
  off = (name: string, callback: () => void) =>
    (this.heard = this.heard.filter(([other, each]) => other !== name || each !== callback));
  emit(name: string, value?: unknown) {
    for (const [other, callback] of [...this.heard]) if (other === name) callback(value);
  }
  set(card: unknown) {
    this.card = card;
    this.emit('change:card');
  }
  get listeners() {
    return this.heard.length;
  }
}

function shown(card: unknown = cardOf('running')) {
  const [element, model, { initialize, render }] = [place(), new Model(card), widget()];
  initialize({ model } as never);
  const end = render({ model, el: element } as never);
  return { element, model, end, part: (selector: string) => find(element, selector) };
}

/** The pieces of text, one a line, without what only a live page can do. */
function textsOf(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const control of copy.querySelectorAll('[data-live]')) control.remove();
  copy.normalize();
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  const pieces: string[] = [];
  while (walker.nextNode()) pieces.push(walker.currentNode.nodeValue!.replace(/\s+/g, ' ').trim());
  return pieces.filter(Boolean).join('\n') + '\n';
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each(NAMES)('%s says the same live and saved', (name) => {
  const { element } = shown(cardOf(name));
  expect(textsOf(element)).toBe(texts[`../../tests/batch_fixtures/${name}.txt`]!);
});

it('drawing one card after any other leaves nothing of the first', () => {
  const { element, model } = shown(cardOf(NAMES[0]!));
  for (const name of [...NAMES, ...[...NAMES].reverse()]) {
    model.set(cardOf(name));
    expect(textsOf(element)).toBe(texts[`../../tests/batch_fixtures/${name}.txt`]!);
  }
});

it.each(NAMES)('%s is made of our own elements, without handlers in attributes', (name) => {
  const { element } = shown(cardOf(name));
  for (const each of element.querySelectorAll('*')) {
    expect('div span i b button ul li code'.split(' ')).toContain(each.localName);
    expect(each.getAttributeNames().filter((attribute) => /^on|style|src/.test(attribute))).toEqual([]);
  }
});

it('the bar has a cell for each part, and says how far it is', () => {
  const { part } = shown();
  expect(part('.lg-bar').children).toHaveLength(60);
  expect(part('.lg-bar').querySelectorAll('.lg-is-success')).toHaveLength(27);
  expect(part('.lg-bar').getAttribute('aria-label')).toBe('182 of 400 ended');
});

it('Cancel all is asked back in place, and nothing is sent before the answer', () => {
  const { element, model, part } = shown();
  part('.lg-cancel').focus();
  part('.lg-cancel').click();
  expect(part('[aria-label="Cancel all?"]').textContent).toContain(
    'Cancel the 10 live runs, and launch no more?'
  );
  expect(document.activeElement).toBe(part('.lg-keep'));
  part('.lg-cancel').click();
  part('.lg-keep').click();
  expect(element.querySelector('.lg-question')).toBeNull();
  expect(document.activeElement).toBe(part('.lg-cancel'));
  expect(model.sent).toEqual([]);
});

it('a cancel that was answered is sent once, and the question does not come back', () => {
  const { element, model, part } = shown();
  part('.lg-cancel').click();
  part('.lg-yes').click();
  part('.lg-cancel').click();
  expect(model.sent).toEqual([{ action: 'cancel' }]);
  expect(part('.lg-cancel').textContent).toBe('cancelling…');
  expect(part('.lg-cancel').getAttribute('aria-disabled')).toBe('true');
  model.set(cardOf('running', { live: 9 }));
  expect(part('.lg-cancel').textContent).toBe('cancelling…');
  model.set(cardOf('cancelling'));
  expect(element.querySelector('.lg-cancel, .lg-question')).toBeNull();
});

it('the question goes when there is nothing left to cancel', () => {
  const { element, model, part } = shown();
  part('.lg-cancel').click();
  model.set(cardOf('success'));
  expect(element.querySelector('.lg-question')).toBeNull();
});

it('the question reads right for one run and for none', () => {
  const { model, part } = shown(cardOf('running', { live: 1 }));
  part('.lg-cancel').click();
  expect(part('.lg-question').textContent).toContain('Cancel the live run, and launch no more?');
  model.set(cardOf('preparing'));
  expect(part('.lg-question').textContent).toContain('Launch no more?');
});

it('Retry failed says how many, is sent once, and can be pressed again when others have failed', () => {
  const { model, part } = shown(cardOf('error'));
  expect(part('.lg-retry').textContent).toBe('Retry failed (1,210)');
  part('.lg-retry').click();
  part('.lg-retry').click();
  expect(model.sent).toEqual([{ action: 'retry' }]);
  expect(part('.lg-retry').textContent).toBe('starting…');
  model.set(cardOf('error', { can_retry: 2 }));
  expect(part('.lg-retry').textContent).toBe('Retry failed (2)');
});

it('what could not be done is told under the card, and can be tried again', () => {
  const { element, model, part } = shown();
  part('.lg-cancel').click();
  part('.lg-yes').click();
  model.emit('msg:custom', { action: 'failed', message: 'No answer <b>from</b> it.' });
  expect(part('[role=alert]').textContent).toBe('No answer <b>from</b> it.');
  expect(part('.lg-cancel').textContent).toBe('Cancel all');
  part('.lg-cancel').click();
  expect(element.querySelector('[role=alert]')).toBeNull();
});

it('time goes on by itself while the batch does', () => {
  const { model, part } = shown();
  vi.advanceTimersByTime(1500);
  expect(part('.lg-time').textContent).toBe('1 min 41 s');
  model.set(cardOf('success'));
  vi.advanceTimersByTime(3000);
  expect(part('.lg-time').textContent).toBe('2.5 s');
  expect(vi.getTimerCount()).toBe(0);
});

it('everything stops when the view goes', () => {
  const { model, end } = shown();
  end();
  expect(vi.getTimerCount()).toBe(0);
  expect(model.listeners).toBe(1); // the clock of the model itself
});

it('the id of the batch and of a thread can be copied', async () => {
  const copied: string[] = [];
  const writeText = async (text: string) => void copied.push(text);
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  const { part } = shown();
  part('[aria-label^="copy batch id"]').click();
  part('[aria-label^="copy thread id"]').click();
  await vi.advanceTimersByTimeAsync(0);
  expect(copied).toEqual(['k7f2-9qd4', cardOf('running').failures[0]!.thread!.id]);
});

it('every control can be reached and has a name, and only the status is announced', () => {
  const { element } = shown();
  for (const control of element.querySelectorAll<HTMLElement>('button')) {
    expect(control.tabIndex).toBe(0);
    expect(control.getAttribute('aria-label') ?? control.textContent).not.toBe('');
  }
  expect(element.querySelectorAll('[role=status], [role=alert], [role=log], [aria-live]')).toHaveLength(1);
});

it('Enter and the space bar on a control stay on the card', () => {
  const { part } = shown();
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  for (const key of ['Enter', ' ', 's'])
    part('.lg-cancel').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  expect(reached).toEqual(['s']);
});

it.each([
  null,
  'x',
  7,
  [],
  {},
  { protocol: 2 },
  { bar: [null, ['success', 1e9]], counts: 'x', failures: [null] }
])('any JSON can be drawn: %j', (json) => {
  const { element, part } = shown(json);
  expect(part('.lg-known').textContent).toContain('another version');
  expect(part('.lg-pill').textContent).toBe('unknown');
  expect(element.querySelectorAll('.lg-bar i').length).toBeLessThanOrEqual(100);
});

it('the built card is at most 12 kB', () => {
  expect(new TextEncoder().encode(bundle).length).toBeLessThanOrEqual(12_000);
});
