/** Every character is seen on the page too: the same fixture as in Python, and the DOM where text becomes a node. */
import { expect, it } from 'vitest';
import { h, patch } from '../shared/dom';
import { breakable, visibleText } from '../shared/visible_text';
import samples from '../../tests/text_fixtures/visible_text.json';
import { place } from './place';

it.each(samples.texts)('$name', ({ text, visible }) => {
  expect(visibleText(text)).toBe(visible);
  expect(visibleText(visible)).toBe(visible);
});

it('shows every character between letters as the fixture says', () => {
  const shown = new Set<number>();
  for (const each of samples.shown) {
    const [first, last = first] = each.split('-').map((code) => parseInt(code, 16));
    for (let code = first!; code <= last!; code++) shown.add(code);
  }
  const differing: string[] = [];
  for (let code = 0; code < 0x110000; code++) {
    const text = `a${String.fromCodePoint(code)}b`;
    if ((visibleText(text) !== text) !== shown.has(code)) differing.push(code.toString(16));
  }
  expect(differing).toEqual([]);
});

it.each(samples.breaks)('lets an unbroken text break at every 500 letters', ({ text, pieces }) => {
  const whole = (text as [string, number][]).map(([piece, times]) => piece.repeat(times)).join('');
  const broken = breakable(whole);
  expect(broken.map((piece) => [...piece].length)).toEqual(pieces);
  expect(broken.join('')).toBe(whole);
});

const FORGED = 'path="/srv/\u202efdp.troper\u2066 \u2069\u2066"';
const SEEN = 'path="/srv/\\u202efdp.troper\\u2066 \\u2069\\u2066"';

it('shows them where text becomes a node, and in what is read aloud', () => {
  const element = place();
  patch(element, [h('p', { title: FORGED, 'aria-label': FORGED, 'data-id': FORGED }, 'a', FORGED)]);
  const node = element.querySelector('p')!;
  expect([node.textContent, node.title, node.ariaLabel ?? node.getAttribute('aria-label')]).toEqual([
    'a' + SEEN,
    SEEN,
    SEEN
  ]);
  expect(node.dataset.id).toBe(FORGED);
});

it('leaves what is in a text box exact', () => {
  const element = place();
  patch(element, [h('textarea', { value: FORGED, input: () => undefined })]);
  expect(element.querySelector('textarea')!.value).toBe(FORGED);
});

it('breaks a long text without a space, and the text of the element is the same', () => {
  const element = place();
  const text = 'x'.repeat(60_000);
  patch(element, [h('p', {}, text)]);
  expect(element.querySelectorAll('wbr').length).toBe(119);
  expect(element.textContent).toBe(text);
});

it('appends to a long text that grows, and keeps its nodes', () => {
  const element = place();
  const draw = (length: number) => patch(element, [h('p', {}, 'x'.repeat(length))]);
  draw(1_700);
  const [first, , second] = [...element.querySelector('p')!.childNodes];
  draw(2_300);
  expect([...element.querySelector('p')!.childNodes].slice(0, 3)).toEqual([first, expect.anything(), second]);
  expect(element.textContent).toBe('x'.repeat(2_300));
});
