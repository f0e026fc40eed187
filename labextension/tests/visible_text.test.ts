/** Every character is seen on the page too: the same fixture as in Python, and the DOM where text becomes a node. */
import { expect, it } from 'vitest';
import { checked } from '../runtime/allowed';
import { overlay } from '../runtime/overlay';
import { patch } from '../runtime/patch';
import { breakable, visibleText } from '../runtime/visible_text';
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

const FRAME = { isLive: true, now: 0, asking: '', invalid: [] };

/** A saved tree, as the page draws it. */
function drawn(element: Element, ...tree: unknown[]): void {
  const frame = { ...FRAME, entry: () => ({}), lazy: () => undefined };
  patch(element, overlay(checked(tree), frame));
}

it('shows them where text becomes a node, and in what is read aloud', () => {
  const element = place();
  drawn(element, 'p', { title: FORGED, 'aria-label': FORGED }, 'a', FORGED);
  const node = element.querySelector('p')!;
  expect([node.textContent, node.title, node.getAttribute('aria-label')]).toEqual(['a' + SEEN, SEEN, SEEN]);
});

it('leaves what is in a text box exact', () => {
  const element = place();
  drawn(element, 'textarea', { value: FORGED });
  expect(element.querySelector('textarea')!.value).toBe(FORGED);
});

it('breaks a long text without a space, and the text of the element is the same', () => {
  const element = place();
  const text = 'x'.repeat(60_000);
  drawn(element, 'p', {}, text);
  expect(element.querySelectorAll('wbr').length).toBe(119);
  expect(element.textContent).toBe(text);
});
