/** An open history as an anywidget, on a model that behaves as anywidget's does, with what the Python tests make. */
import { expect, it } from 'vitest';
import { localTime } from '../shared/draw_history';
import type { Detail, History } from '../shared/history';
import { INSERT } from '../shared/insert';
import widget from '../widgets/history';
import { find, place } from './place';

type Sample = { history: History; detail: Detail };
const samples = import.meta.glob<Sample>('../../tests/history_fixtures/*.json', {
  eager: true,
  import: 'default'
});
const sample = (name: string) => structuredClone(samples[`../../tests/history_fixtures/${name}.json`]!);

class Model {
  readonly sent: unknown[] = [];
  private heard: [string, (value?: unknown) => void][] = [];
  constructor(private history: unknown) {}
  get = () => this.history;
  send = (message: unknown) => this.sent.push(message);
  on = (name: string, callback: () => void) => this.heard.push([name, callback]);
  off = (name: string, callback: () => void) =>
    (this.heard = this.heard.filter(([other, each]) => other !== name || each !== callback));
  emit(name: string, value?: unknown) {
    for (const [other, callback] of [...this.heard]) if (other === name) callback(value);
  }
  set(history: unknown) {
    this.history = history;
    this.emit('change:history');
  }
  get listeners() {
    return this.heard.length;
  }
}

function shown(history: unknown = sample('forked').history) {
  const [element, model] = [place(), new Model(history)];
  const end = widget.render({ model, el: element } as never);
  const rows = () => [...element.querySelectorAll<HTMLElement>('tbody tr')];
  const press = (key: string) =>
    document.activeElement!.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
    );
  return { element, model, end, rows, press, part: (selector: string) => find(element, selector) };
}

/** A history with its second row chosen and looked at. */
function chosen(name = 'forked', at = 1) {
  const { history, detail } = sample(name);
  const view = shown(history);
  view.rows()[at]!.click();
  view.model.emit('msg:custom', { action: 'detail', detail });
  return { ...view, history, detail, id: detail.id };
}

it('a row is a checkpoint, with the branches drawn', () => {
  const { rows, part } = shown();
  expect(rows().map((row) => find(row, '.lg-branch').textContent)).toEqual([
    '  ● b2',
    '  ● b2',
    '● │ b1',
    '●─┘ b1',
    '● b1'
  ]);
  const cells = [...rows()[1]!.children].map(({ textContent }) => textContent);
  expect(cells.slice(1, 6)).toEqual(['1', 'update', '', 'task_mAIstro', '1 rewritten']);
  expect(cells.at(-1)).toBe('…08004');
  expect(part('.lg-soft').textContent).toBe('5 checkpoints');
});

it('a chosen row is asked for once, and shows its change, what comes next and its state', () => {
  const { model, rows, part, id } = chosen();
  rows()[0]!.click();
  rows()[1]!.click();
  expect(model.sent.filter((each) => (each as { checkpoint_id: string }).checkpoint_id === id)).toHaveLength(
    1
  );
  expect(part('.lg-where').textContent).toBe('messages[0] rewritten · human');
  expect(part('.lg-minus').textContent).toBe('- Give me a summary of all ToDos.');
  expect(part('.lg-plus').textContent).toBe('+ Give me a summary of all ToDos. Due next week.');
  expect(part('.lg-then').textContent).toBe('next task_mAIstro');
  expect(part('details pre').textContent).toContain('── human');
});

it('what is said of another row than the chosen one waits until that is chosen', () => {
  const { model, rows, part, element } = shown();
  const { detail } = sample('forked');
  rows()[0]!.click();
  model.emit('msg:custom', { action: 'detail', detail });
  expect(element.querySelector('.lg-diff')).toBeNull();
  expect(part('.lg-side').getAttribute('aria-busy')).toBe('true');
  rows()[1]!.click();
  expect(part('.lg-diff').textContent).toContain('Due next week');
});

it('one row is a stop for Tab; arrows move the focus, Enter and the space bar choose, and no key leaves', () => {
  const { rows, press, model } = shown();
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  rows()[0]!.focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'Home', 'ArrowUp', 'End', 'ArrowDown']) press(key);
  expect(document.activeElement).toBe(rows()[4]);
  expect(rows().map((row) => row.tabIndex)).toEqual([-1, -1, -1, -1, 0]);
  expect(model.sent).toEqual([]);
  press('Enter');
  expect(rows()[4]!.getAttribute('aria-selected')).toBe('true');
  press('Home');
  press(' ');
  expect(rows().map((row) => row.getAttribute('aria-selected'))).toEqual(['true', ...Array(4).fill('false')]);
  expect(reached).toEqual([]);
  press('s');
  expect(reached).toEqual(['s']);
});

it('a fork is asked back, names thread and checkpoint, and is sent once', () => {
  const { model, part, id } = chosen();
  part('.lg-fork').focus();
  part('.lg-fork').click();
  expect(part('.lg-question').textContent).toContain('t1 “Give me a summary…” to step:1 (…08004)');
  expect(document.activeElement).toBe(part('.lg-keep'));
  expect(model.sent).toEqual([{ action: 'select', checkpoint_id: id }]);
  part('.lg-move').click();
  part('.lg-move').click();
  expect(model.sent.slice(1)).toEqual([{ action: 'fork', checkpoint_id: id }]);
  model.emit('msg:custom', { action: 'forked', message: 'The head is step 2 now.' });
  expect(part('[role=status]').textContent).toBe('The head is step 2 now.');
  expect(part('.lg-fork').textContent).toBe('Fork here');
});

it('a fork that is left, or asked of another row meanwhile, is not sent', () => {
  const { model, part, rows, element } = chosen();
  part('.lg-fork').click();
  part('.lg-keep').click();
  part('.lg-fork').click();
  rows()[0]!.click();
  expect(element.querySelector('.lg-question')).toBeNull();
  expect(JSON.stringify(model.sent)).not.toContain('fork');
});

it('nothing is forked while a run is live, and the reason stands there', () => {
  const { model, part, element } = chosen('busy', 0);
  expect(part('.lg-fork').getAttribute('aria-disabled')).toBe('true');
  expect(part('.lg-why').textContent).toContain('r7 is still running');
  part('.lg-fork').click();
  expect(element.querySelector('.lg-question')).toBeNull();
  model.set({ ...sample('busy').history, busy: '' });
  part('.lg-fork').click();
  model.set(sample('busy').history);
  part('.lg-move').click();
  expect(JSON.stringify(model.sent)).not.toContain('fork');
});

it('a failure is told, and the fork can be asked for again', () => {
  const { model, part, id } = chosen();
  part('.lg-fork').click();
  part('.lg-move').click();
  model.emit('msg:custom', { action: 'failed', checkpoint_id: id, message: 'No <b>answer</b>.' });
  expect(part('[role=alert]').textContent).toBe('No <b>answer</b>.');
  part('.lg-fork').click();
  part('.lg-move').click();
  expect(model.sent.slice(1)).toHaveLength(2);
});

it('new rows leave the focus, the choice, an open fold and the scrolling where they are', () => {
  const { model, part, rows, history } = chosen();
  const row = rows()[1]!;
  row.focus();
  part('details').setAttribute('open', '');
  part('.lg-scroll').scrollTop = 7;
  const [scroll, fold] = [part('.lg-scroll'), part('details')];
  const added = { ...history.rows[0]!, id: 'new' };
  model.set({ ...history, rows: [added, ...history.rows] });
  expect(rows()).toHaveLength(6);
  expect(document.activeElement).toBe(row);
  expect(row.getAttribute('aria-selected')).toBe('true');
  expect(part('.lg-scroll')).toBe(scroll);
  expect(part('details')).toBe(fold);
  expect(fold.hasAttribute('open')).toBe(true);
});

it('a cell is wished for from the page; where nobody makes one, the line is copied', async () => {
  const { part, element } = chosen();
  const wished: unknown[] = [];
  const hear = (event: Event) => {
    wished.push((event as CustomEvent).detail.text);
    event.preventDefault();
  };
  document.addEventListener(INSERT, hear);
  part('.lg-insert').click();
  await Promise.resolve();
  expect(wished).toEqual(['%lg_fork --run step:1']);
  expect(part('[role=status]').textContent).toBe('Inserted below, not run.');
  document.removeEventListener(INSERT, hear);
  const copied: string[] = [];
  const clipboard = { writeText: async (text: string) => void copied.push(text) };
  Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
  part('.lg-insert').click();
  await new Promise((done) => setTimeout(done));
  expect(copied).toEqual(['%lg_fork --run step:1']);
  expect(element.querySelector('[role=status]')!.textContent).toContain('is copied');
});

it('Close is sent, and everything stops when the view goes', () => {
  const { model, part, end, rows } = shown();
  part('.lg-close').click();
  expect(model.sent).toEqual([{ action: 'close' }]);
  end();
  expect(model.listeners).toBe(0);
  rows()[0]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  expect(model.sent).toHaveLength(1);
});

it('hostile strings are text', () => {
  const { element, part } = chosen('hostile', 3);
  expect(element.querySelectorAll('img, script, b > *')).toHaveLength(0);
  expect(part('.lg-head b').textContent).toContain('<img src=x');
  expect(part('.lg-note').textContent).toBe('<img src=x onerror="alert(1)">');
  expect(part('.lg-plus').textContent).toBe('+ <img src=x onerror="alert(1)">');
  expect(part('.lg-then').textContent).toBe('next <img src=x onerror="alert(1)">');
});

it.each([null, 'x', 7, [], {}, { protocol: 2 }, { rows: [null, 3, { id: 7 }], thread: 1 }])(
  'any JSON can be drawn: %j',
  (json) => {
    const { part, model, rows } = shown(json);
    expect(part('.lg-note').textContent).toContain('another version');
    rows()[0]?.click();
    model.emit('msg:custom', { action: 'detail', detail: json });
    model.emit('msg:custom', {});
  }
);

it('times are the time of today, or the date', () => {
  const now = new Date(2024, 10, 20, 18);
  expect(localTime(new Date(2024, 10, 20, 12, 4, 5).toISOString(), now)).toBe('12:04:05');
  expect(localTime(new Date(2024, 10, 9, 8, 4, 5).toISOString(), now)).toBe('2024-11-09 08:04');
  expect(localTime('never')).toBe('');
});
