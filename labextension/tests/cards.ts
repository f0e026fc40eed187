/** The cards of tests/card_fixtures, which the Python tests read too, and a page to draw them on. */
import type { Card } from '../shared/card';
import type { Page } from '../shared/page';

const cards = import.meta.glob<Card>('../../tests/card_fixtures/*.json', { eager: true, import: 'default' });
const texts = import.meta.glob<string>('../../tests/card_fixtures/*.txt', {
  eager: true,
  query: '?raw',
  import: 'default'
});

const stem = (path: string) => path.replace(/.*\/(.*)\..*/, '$1');

export const NAMES = Object.keys(cards).map(stem);

/** A copy of one card, with some parts changed. */
export function cardOf(name: string, changes: Partial<Card> = {}): Card {
  return { ...structuredClone(cards[`../../tests/card_fixtures/${name}.json`]!), ...changes };
}

/** What the saved picture of a card says. */
export function textOf(name: string): string {
  return texts[`../../tests/card_fixtures/${name}.txt`]!;
}

/** What a page knows before anything happened on it. */
export function quietPage(changes: Partial<Page> = {}): Page {
  return {
    passed: 0,
    cancelling: false,
    failure: '',
    copied: '',
    resuming: false,
    cancel() {},
    said: () => ({ way: '', text: '' }),
    say() {},
    resume() {},
    copy() {},
    look() {},
    ...changes
  };
}

/** An element that is on the page. */
export function place(): HTMLElement {
  document.body.replaceChildren();
  return document.body.appendChild(document.createElement('div'));
}

export function find(element: Element, selector: string): HTMLElement {
  const found = element.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}
