/** An update changes what changed; what a person does on the card survives it. */
import { expect, it } from 'vitest';
import { draw } from '../shared/draw_card';
import { h, patch } from '../shared/dom';
import { cardOf, find, place, quietPage } from './cards';

function running() {
  const element = place();
  draw(element, cardOf('running'), quietPage());
  const update = (changes = {}) =>
    draw(element, cardOf('running', { elapsed: 9, footnote: '40 chunks', ...changes }), quietPage());
  return { element, update };
}

it('keeps the focus', () => {
  const { element, update } = running();
  find(element, '.lg-cancel').focus();
  update({ note: 'connection lost, trying again', steps: [], defaults: ['a=1', 'b=2'] });
  expect(document.activeElement).toBe(find(element, '.lg-cancel'));
});

it('keeps an open fold open, and the same element', () => {
  const { element, update } = running();
  const fold = find(element, 'details') as HTMLDetailsElement;
  fold.open = true;
  update({ state: '{}', note: 'x', error: { summary: 'a', whole: 'b' } });
  expect(fold.open && fold.isConnected).toBe(true);
});

it('keeps a selection in text that grows', () => {
  const { element, update } = running();
  const text = find(element, '.lg-text p').firstChild as Text;
  document.getSelection()!.setBaseAndExtent(text, 2, text, 8);
  const [first, ...rest] = cardOf('running').text;
  update({ text: [first!, ...rest, ['p', 'and more']] });
  expect(document.getSelection()!.toString()).toBe(text.data.slice(2, 8));
});

it('appends to a text that only grows', () => {
  const element = place();
  patch(element, ['one']);
  const node = element.firstChild as Text;
  document.getSelection()!.setBaseAndExtent(node, 0, node, 3);
  patch(element, ['one two']);
  expect(element.firstChild).toBe(node);
  expect(document.getSelection()!.toString()).toBe('one');
});

/** jsdom lays nothing out: heights are given. */
function scrolled(box: HTMLElement, top: number) {
  Object.defineProperty(box, 'scrollHeight', { value: 500, configurable: true });
  Object.defineProperty(box, 'clientHeight', { value: 100, configurable: true });
  box.scrollTop = top;
}

it('follows the end of an answer for whom has scrolled to it', () => {
  const { element, update } = running();
  const box = find(element, '.lg-text');
  scrolled(box, 400);
  update();
  expect(box.scrollTop).toBe(500);
});

it('leaves the answer alone for whom has scrolled away', () => {
  const { element, update } = running();
  const box = find(element, '.lg-text');
  scrolled(box, 120);
  update();
  expect(box.scrollTop).toBe(120);
});

it('does not touch what is the same', async () => {
  const { element } = running();
  const seen: MutationRecord[] = [];
  const observer = new MutationObserver((records) => seen.push(...records));
  observer.observe(element, { subtree: true, childList: true, attributes: true, characterData: true });
  draw(element, cardOf('running'), quietPage());
  expect([...seen, ...observer.takeRecords()]).toEqual([]);
});

it('keeps keyed elements apart, in the order that is wanted', () => {
  const element = place();
  const list = (...keys: string[]) => keys.map((key) => h('p', { key }, key));
  patch(element, list('a', 'b', 'c'));
  const kept = element.children[1];
  patch(element, list('x', 'b', 'y'));
  expect(element.textContent).toBe('xby');
  expect(element.children[1]).toBe(kept);
});

it('takes away attributes that are no longer wanted', () => {
  const element = place();
  patch(element, [h('p', { title: 'a', tabindex: 0 })]);
  patch(element, [h('p', { title: undefined })]);
  expect(element.firstElementChild!.getAttributeNames()).toEqual([]);
});

it.each([
  [
    'a paragraph',
    [
      ['p', 'one'],
      ['p', 'two ', ['strong', 'b']]
    ],
    'P',
    'two b'
  ],
  ['a nested list', [['ul', ['li', 'a', ['ul', ['li', 'b']]]]], 'LI', 'b'],
  ['code', [['pre', ['code', 'x = 1']]], 'PRE', 'x = 1'],
  ['nothing yet', [], 'DIV', '']
])('the caret stands at the end of %s', (_, text, tag, said) => {
  const { element, update } = running();
  update({ text, streaming: true });
  const parent = find(element, '.lg-caret').parentElement!;
  expect([parent.tagName, parent.textContent]).toEqual([tag, said]);
  update({ text, streaming: false });
  expect(element.querySelector('.lg-caret')).toBeNull();
});
