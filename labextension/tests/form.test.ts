/** The form of a card that waits: empty, sent by its button alone, and only when every question is answered. */
import { expect, it } from 'vitest';
import type { Card } from '../shared/card';
import { LiveCard } from '../shared/live_card';
import { cardOf, find, place } from './cards';

const ACTION = cardOf('waiting').interrupts[0]!;
const PLAIN = cardOf('waiting').interrupts[1]!;

function shown(changes: Partial<Card> = {}) {
  const [element, sent] = [place(), [] as object[][]];
  const actions = { cancel() {}, look() {}, resume: (answers: object[]) => void sent.push(answers) };
  const card = new LiveCard(element, actions, new AbortController().signal);
  card.show(cardOf('waiting', changes));
  const button = (name: string, which = 0) => {
    const found = [...element.querySelectorAll('button')].filter((each) => each.textContent === name)[which];
    if (!found) throw new Error(`no button ${name}`);
    return found;
  };
  const type = (text: string, which = 0) => {
    const box = element.querySelectorAll('textarea')[which]!;
    box.value = text;
    box.dispatchEvent(new Event('input'));
  };
  return { element, card, sent, button, type };
}

it('begins empty, with nothing chosen and nothing to send', () => {
  const { element, button } = shown();
  expect([...element.querySelectorAll('textarea')].map((box) => box.value)).toEqual(['']);
  expect(element.querySelectorAll('[aria-pressed=true]')).toHaveLength(0);
  expect(button('Resume').disabled).toBe(true);
});

it.each([
  ['accept', null],
  ['ignore', null]
])('%s wants nothing beside it', (way, value) => {
  const { sent, button } = shown({ interrupts: [ACTION] });
  button(way).click();
  button('Resume').click();
  expect(sent).toEqual([[{ interrupt_id: ACTION.id, kind: way, value }]]);
});

it.each(['edit', 'respond'])('%s wants a text that is no white space', (way) => {
  const { sent, button, type } = shown({ interrupts: [ACTION] });
  button(way).click();
  type('  \n');
  expect(button('Resume').disabled).toBe(true);
  type(' {"price": 5}');
  button('Resume').click();
  expect(sent).toEqual([[{ interrupt_id: ACTION.id, kind: way, value: ' {"price": 5}' }]]);
});

it('only the ways that are allowed are there', () => {
  const { element } = shown({ interrupts: [{ ...ACTION, ways: ['respond', 'ignore'] }] });
  expect([...element.querySelectorAll('.lg-way')].map((each) => each.textContent)).toEqual([
    'respond',
    'ignore'
  ]);
});

it('the arguments come into the box when they are asked for', () => {
  const { element, button } = shown({ interrupts: [ACTION] });
  button('edit').click();
  expect(find(element, 'textarea')).toHaveProperty('value', '');
  button('Copy the arguments into the box').click();
  expect(find(element, 'textarea')).toHaveProperty('value', ACTION.args);
});

it('a plain question takes a text, or JSON where that is said', () => {
  const { sent, button, type } = shown({ interrupts: [PLAIN] });
  type('{"a": 1}');
  button('as JSON').click();
  button('as JSON').click();
  button('Resume').click();
  expect(sent).toEqual([[{ interrupt_id: PLAIN.id, kind: 'text', value: '{"a": 1}' }]]);
});

it('JSON is said to be JSON', () => {
  const { sent, button, type } = shown({ interrupts: [PLAIN] });
  button('as JSON').click();
  type('[1]');
  button('Resume').click();
  expect(sent).toEqual([[{ interrupt_id: PLAIN.id, kind: 'json', value: '[1]' }]]);
});

it('two questions are both answered before anything is sent', () => {
  const { sent, button, type } = shown();
  button('accept').click();
  expect(button('Resume').disabled).toBe(true);
  button('Resume').click();
  expect(sent).toEqual([]);
  type('the small one');
  button('Resume').click();
  expect(sent[0]).toHaveLength(2);
});

it('is sent once, keeps the focus, and says that it is being sent', () => {
  const { sent, button } = shown({ interrupts: [ACTION] });
  button('accept').click();
  button('Resume').focus();
  button('Resume').click();
  button('sending…').click();
  expect(sent).toHaveLength(1);
  expect(document.activeElement).toBe(button('sending…'));
});

it('what went wrong is told, and what was typed stays', () => {
  const { element, card, sent, button, type } = shown({ interrupts: [PLAIN] });
  type('yes');
  button('Resume').click();
  card.fail('The question has <b>changed</b>.');
  expect(find(element, '[role=alert]').textContent).toBe('The question has <b>changed</b>.');
  expect(find(element, 'textarea')).toHaveProperty('value', 'yes');
  card.show(cardOf('waiting', { interrupts: [PLAIN] }));
  expect(find(element, '[role=alert]').textContent).toContain('changed');
  button('Resume').click();
  expect(sent).toHaveLength(2);
});

it('a key in a box stays there and none sends; combinations with Ctrl or Meta pass, but for Enter', () => {
  const { element, sent, button, type } = shown({ interrupts: [PLAIN] });
  type('yes');
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  const press = (key: string, held: object) =>
    find(element, 'textarea').dispatchEvent(new KeyboardEvent('keydown', { key, ...held, bubbles: true }));
  for (const key of ['Enter', 'd', 'Escape']) for (const held of [{}, { altKey: true }]) press(key, held);
  for (const held of [{ ctrlKey: true }, { metaKey: true }])
    for (const key of ['Enter', 's']) press(key, held);
  expect([reached, sent]).toEqual([['s', 's'], []]);
  expect(button('Resume').disabled).toBe(false);
});

it('an update keeps the box, its focus and its text', () => {
  const { element, card, type } = shown({ interrupts: [PLAIN] });
  const box = find(element, 'textarea');
  box.focus();
  type('half a wo');
  card.show(cardOf('waiting', { interrupts: [PLAIN], elapsed: 9 }));
  expect(find(element, 'textarea')).toBe(box);
  expect(document.activeElement).toBe(box);
  expect(box).toHaveProperty('value', 'half a wo');
});

it('a breakpoint has one button, and nothing to fill in', () => {
  const { element, sent, button } = shown({ interrupts: [] });
  expect(element.querySelectorAll('textarea, .lg-way')).toHaveLength(0);
  button('Go on').click();
  expect(sent).toEqual([[]]);
});

it('a card that was answered has no form', () => {
  const { element, card } = shown();
  card.show(cardOf('answered'));
  expect(element.querySelectorAll('textarea, .lg-way, .lg-resume')).toHaveLength(0);
});

it('every part of the form has a name', () => {
  const { element, button } = shown();
  button('respond').click();
  for (const box of element.querySelectorAll('textarea, .lg-form'))
    expect(box.getAttribute('aria-label')).toBeTruthy();
});
