/** The card as an anywidget, on a model that behaves as anywidget's does. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Card } from '../shared/card';
import widget from '../widgets/card';
import { cardOf, find, place } from './cards';

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
  set(card: Card) {
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

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('Cancel is sent once, and says that it waits without losing the focus', () => {
  const { model, part } = shown();
  part('.lg-cancel').focus();
  part('.lg-cancel').click();
  part('.lg-cancel').click();
  expect(model.sent).toEqual([{ action: 'cancel' }]);
  expect(part('.lg-cancel').textContent).toBe('cancelling…');
  expect(part('.lg-cancel').getAttribute('aria-disabled')).toBe('true');
  expect(document.activeElement).toBe(part('.lg-cancel'));
});

it('Cancel waits through updates that were under way, until the card says otherwise', () => {
  const { model, part } = shown();
  part('.lg-cancel').click();
  model.set(cardOf('running', { elapsed: 4.4 }));
  expect(part('.lg-cancel').textContent).toBe('cancelling…');
  model.set(cardOf('running', { note: 'cancelling…' }));
  expect(part('.lg-cancel').textContent).toBe('cancelling…');
  model.set(cardOf('running'));
  expect(part('.lg-cancel').textContent).toBe('Cancel');
});

it('a cancel that failed is told under the card, and can be tried again', () => {
  const { model, part, element } = shown();
  part('.lg-cancel').click();
  model.emit('msg:custom', { action: 'failed', message: 'No answer <b>from</b> it.' });
  expect(part('[role=alert]').textContent).toBe('No answer <b>from</b> it.');
  part('.lg-cancel').click();
  expect(model.sent).toHaveLength(2);
  expect(element.querySelector('[role=alert]')).toBeNull();
});

it('answers go to the kernel', () => {
  const { element, model } = shown(cardOf('waiting', { interrupts: [cardOf('waiting').interrupts[0]!] }));
  const press = (name: string) =>
    [...element.querySelectorAll('button')].find((each) => each.textContent === name)!.click();
  press('accept');
  press('Resume');
  const answer = { interrupt_id: '0'.repeat(32), kind: 'accept', value: null };
  expect(model.sent).toEqual([{ action: 'resume', answers: [answer] }]);
});

it('the other runs of the cell can be asked for, as far as there are any', () => {
  const { model, element } = shown(cardOf('rewound'));
  const [before, after] = [...element.querySelectorAll<HTMLElement>('.lg-to')];
  before!.click();
  after!.click();
  expect(model.sent).toEqual([
    { action: 'look', number: 1 },
    { action: 'look', number: 3 }
  ]);
  model.set(cardOf('rewound', { turn: { number: 3, of: 3 } }));
  expect(after!.getAttribute('aria-disabled')).toBe('true');
  after!.click();
  expect(model.sent).toHaveLength(2);
});

it('a settled card has no Cancel', () => {
  const { model, element } = shown();
  model.set(cardOf('cancelled'));
  expect(element.querySelector('.lg-cancel')).toBeNull();
});

it('times go on by themselves, from what the kernel said', () => {
  const { model, part } = shown();
  vi.advanceTimersByTime(1500);
  expect(part('.lg-time').textContent).toBe('5.7 s');
  expect(part('.lg-step.lg-running .lg-took').textContent).toBe('3.7 s');
  expect(part('.lg-step.lg-done .lg-took').textContent).toBe('1.2 s');
  model.set(cardOf('running', { elapsed: 5.2 }));
  expect(part('.lg-time').textContent).toBe('5.2 s');
});

it('a second view of the card shows the same time', () => {
  const [model, { initialize, render }] = [new Model(cardOf('running')), widget()];
  initialize({ model } as never);
  vi.advanceTimersByTime(2000);
  const element = place();
  render({ model, el: element } as never);
  expect(find(element, '.lg-time').textContent).toBe('6.2 s');
});

it.each(['pending', 'success'])('time stands still when %s', (name) => {
  const { element } = shown(cardOf(name, { elapsed: 1 }));
  vi.advanceTimersByTime(3000);
  expect(find(element, '.lg-time').textContent).toBe('1.0 s');
  expect(vi.getTimerCount()).toBe(0);
});

it('everything stops when the view goes', async () => {
  const { model, end, part } = shown();
  await copied(part('.lg-id'));
  end();
  expect(vi.getTimerCount()).toBe(0);
  expect(model.listeners).toBe(1); // the clock of the model itself
});

function clipboard(writeText: (text: string) => Promise<void>) {
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
}

async function copied(button: HTMLElement): Promise<string[]> {
  const texts: string[] = [];
  clipboard(async (text) => void texts.push(text));
  button.click();
  await vi.advanceTimersByTimeAsync(0);
  return texts;
}

it.each([
  ['thread', () => cardOf('running').thread!.id],
  ['run', () => cardOf('running').run.id]
])('the %s number copies the whole id and says so for a moment', async (name, id) => {
  const { part } = shown();
  const button = part(`[aria-label^="copy ${name} id"]`);
  expect(await copied(button)).toEqual([id()]);
  expect(button.getAttribute('aria-label')).toBe(`${name} id copied`);
  expect(find(button, '.lg-copied').textContent).toBe('copied');
  await vi.advanceTimersByTimeAsync(2000);
  expect(button.querySelector('.lg-copied')).toBeNull();
});

it('the code copies whole', async () => {
  const { part } = shown();
  expect(await copied(part('.lg-copy'))).toEqual([cardOf('running').code]);
  expect(part('.lg-copy').textContent).toBe('Copied');
});

it('a page that may not copy says so', async () => {
  const { part } = shown();
  clipboard(() => Promise.reject(new Error('denied')));
  document.execCommand = () => false;
  part('.lg-id').click();
  await vi.advanceTimersByTimeAsync(0);
  expect(part('[role=alert]').textContent).toContain('may not copy');
});

it('Enter and the space bar on a control stay on the card', () => {
  const { part } = shown();
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  for (const key of ['Enter', ' ', 's'])
    part('.lg-cancel').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  expect(reached).toEqual(['s']);
});

it('every control can be reached and has a name', () => {
  const { element } = shown(cardOf('success'));
  const controls = element.querySelectorAll<HTMLElement>('button, summary, [tabindex]');
  expect(controls.length).toBeGreaterThan(4);
  for (const control of controls) {
    expect(control.tabIndex).toBe(0);
    const name = control.getAttribute('aria-label') ?? control.textContent;
    expect(name).not.toBe('');
  }
});

it('only the status is announced', () => {
  const { element, part } = shown();
  expect(part('[role=status]').textContent).toBe('running');
  expect(element.querySelectorAll('[role=status], [role=alert], [role=log], [aria-live]')).toHaveLength(1);
});

it.each([
  null,
  'x',
  7,
  [],
  {},
  { protocol: 2 },
  { steps: [null], text: [null, 3, [7]], interrupts: 'x', thread: 1 }
])('any JSON can be drawn: %j', (json) => {
  const { part } = shown(json);
  expect(part('.lg-note').textContent).toContain('another version');
  expect(part('.lg-pill').textContent).toBe('unknown');
});
