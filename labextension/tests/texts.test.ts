/** The live card says what the saved picture says, and lets no more in. */
import { expect, it } from 'vitest';
import { draw } from '../shared/draw_card';
import { cardOf, NAMES, place, quietPage, textOf } from './cards';

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

const ELEMENTS = new Set(
  (
    'div span i b button ol ul li details summary pre code p a br hr blockquote strong em s ' +
    'h1 h2 h3 h4 h5 h6 table thead tbody tr th td textarea'
  ).split(' ')
);

it.each(NAMES)('%s says the same live and saved', (name) => {
  const element = place();
  draw(element, cardOf(name), quietPage());
  expect(textsOf(element)).toBe(textOf(name));
});

it.each(NAMES)('%s is made of our own elements, without handlers in attributes', (name) => {
  const element = place();
  draw(element, cardOf(name), quietPage());
  for (const each of element.querySelectorAll('*')) {
    expect(ELEMENTS).toContain(each.localName);
    expect(each.getAttributeNames().filter((attribute) => /^on|style|src/.test(attribute))).toEqual([]);
  }
});

it('hostile links lead nowhere', () => {
  const element = place();
  draw(element, cardOf('hostile'), quietPage());
  const links = [...element.querySelectorAll('a')];
  expect(links.map((link) => link.protocol)).toEqual(['https:']);
  expect(links[0]!.rel).toBe('noopener noreferrer');
});

it('drawing one card after any other leaves nothing of the first', () => {
  const element = place();
  for (const name of [...NAMES, ...[...NAMES].reverse()]) {
    draw(element, cardOf(name), quietPage());
    expect(textsOf(element)).toBe(textOf(name));
  }
});
