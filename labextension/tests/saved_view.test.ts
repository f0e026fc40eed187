/** What an output shows when its widget is gone, and what a notebook keeps of it: the parts that need no JupyterLab. */
import { expect, it, vi } from 'vitest';
import { View } from '../runtime/view';
import { isEndedNote, toKeep } from '../src/output_sync';
import { type Bar, barFor, barTree, drawSaved, otherVersion, VIEW } from '../src/saved_view';
import { type Facts, lifeOf } from '../src/widget_models';
import { NAMES, treeOf } from './cards';
import { find, place } from './place';

const WIDGET = 'application/vnd.jupyter.widget-view+json';

function still(view: unknown): HTMLElement {
  const element = place();
  drawSaved(element, view);
  return element;
}

const IDS = ['1f0c2b9e-7d40-6a12-8c55-3b9d4c0e7caf', '1f0c2b9e-91aa-6f03-b1d2-77a0134bff07'];
const viewOf = (tree: unknown, lost: object | null = null) => ({ protocol: 1, version: 1, tree, lost });
const lostBy = (command: string, ids: unknown = IDS) => viewOf(['p', {}, 'x'], { command, ids });

it.each(NAMES)('%s: nothing of a picture can be pressed, and nothing in it moves', (name) => {
  const element = still(viewOf(treeOf(name)));
  expect(element.textContent).not.toBe('');
  expect(element.querySelectorAll('button, input, textarea, select, [role=status]')).toHaveLength(0);
  for (const row of element.querySelectorAll('tr')) expect(row.hasAttribute('tabindex')).toBe(false);
});

it('any JSON can be drawn, and hostile text stays text', () => {
  for (const json of [null, 7, 'x', [], {}, { protocol: 1, tree: 3 }, { tree: [[], {}] }, { tree: ['p', 'x'] }])
    expect(() => still(json)).not.toThrow();
  const text = '<img src=x onerror=hacked=1>';
  expect(still(viewOf(['p', { title: text }, text, ['img', { src: 'x' }]])).querySelector('img')).toBeNull();
});

it('hidden characters of a saved tree are visible, also where it is a text alone', () => {
  for (const tree of ['a\u202eb', ['p', {}, 'a\u202eb']]) expect(still(viewOf(tree)).textContent).toBe('a\\u202eb');
});

const LIVE: Facts = { trusted: true, named: true, kernel: 'alive', manager: 'restored', model: 'live' };

it.each<[string, Partial<Facts>]>([
  ['live', {}],
  ['untrusted', { trusted: false }],
  ['alone', { kernel: 'none' }],
  ['dead', { kernel: 'dead' }],
  ['gone', { model: 'closed' }],
  ['gone', { named: false, model: 'none' }],
  ['gone', { model: 'none' }],
  ['pending', { model: 'none', manager: 'restoring' }],
  ['pending', { model: 'none', manager: 'not yet' }],
  ['pending', { model: 'none', manager: 'not yet', kernel: 'not yet' }],
  ['pending', { model: 'coming' }],
  ['unbound', { model: 'none', manager: 'none' }],
  ['live', { model: 'none', manager: 'hidden' }],
  ['dead', { model: 'none', manager: 'hidden', kernel: 'dead' }]
])('it is %s when %j', (life, changes) => {
  expect(lifeOf({ ...LIVE, ...changes })).toBe(life);
});

const data = { [VIEW]: { protocol: 1 }, [WIDGET]: { model_id: 'm' }, 'text/html': '<p>', 'text/plain': 'p' };
const ended = { 'text/html': '<b>', 'text/plain': 'b' };

it('the last view is kept, and one that is kept already is left alone', () => {
  const view = { protocol: 1, status: 'running' };
  const next = toKeep(data, { view, isGone: false })!;
  expect(next).toEqual({ ...data, [VIEW]: view });
  expect(toKeep(next, { view, isGone: false })).toBeNull();
  expect(toKeep(data, { isGone: false })).toBeNull();
});

it('when all is over, HTML and text alone are kept', () => {
  expect(toKeep(data, { view: {}, kept: { ...ended, over: true }, isGone: false })).toEqual(ended);
});

it('a drawing that has ended is kept as the kernel sent it, also without HTML', () => {
  const drawn = { 'image/svg+xml': '<svg/>', 'text/plain': 'graph', [VIEW]: { tree: ['p', {}, 'graph'] } };
  expect(toKeep(data, { view: {}, kept: { ...drawn, over: true }, isGone: false })).toEqual(drawn);
});

it('what has ended but can be pressed keeps its widget, beside HTML and text of its end', () => {
  const kept = toKeep(data, { view: { settled: true }, kept: { ...ended, over: false }, isGone: false });
  expect(kept).toEqual({ ...data, ...ended, [VIEW]: { settled: true } });
});

it('a widget that never lives again is not kept', () => {
  expect(toKeep(data, { isGone: true })).toEqual({ ...ended, ...data, [WIDGET]: undefined });
  expect(Object.keys(toKeep(data, { isGone: true })!)).not.toContain(WIDGET);
});

it.each([null, {}, 'x', { over: true }, { over: true, 'text/html': '', 'text/plain': 3 }])(
  'what is no picture is not kept: %j',
  (kept) => {
    expect(toKeep(data, { kept, isGone: false })).toBeNull();
  }
);

const bar = (view: unknown, life: Parameters<typeof barFor>[1] = 'gone') => barFor(view, life);

it('a run that goes on without its kernel says so, and how to come back to it', () => {
  const { words, line, run } = bar(lostBy('attach'));
  expect(words).toContain('The kernel that followed this run is gone; the run goes on without it.');
  expect(line).toBe(`%lg_attach -t ${IDS[0]} ${IDS[1]}`);
  expect(run).toEqual({ run: IDS[1], thread: IDS[0] });
});

it.each(['http://127.0.0.1:36023', 'https://agents.example.com/team-a', 'https://x.y/a%20b', 'prod'])(
  'the lines for a kernel that has just begun connect to %s',
  (connect) => {
    const view = viewOf(['p', {}], { command: 'attach', ids: IDS, connect });
    expect(bar(view).line).toBe(`%load_ext lg_magics\n%lg_connect ${connect}\n%lg_attach -t ${IDS[0]} ${IDS[1]}`);
  }
);

it.each(['prod\n!rm -rf ~', 'http://x/$(a)', "a' b", 'javascript:alert(1)', '', 7, null, ['prod']])(
  'what is no address and no name connects to nothing: %j',
  (connect) => {
    const view = viewOf(['p', {}], { command: 'attach', ids: IDS, connect });
    expect(bar(view).line).toBe(`%lg_attach -t ${IDS[0]} ${IDS[1]}`);
  }
);

it('a card that waits says that its thread still does', () => {
  expect(bar(lostBy('resume')).words).toContain('its thread still waits');
});

it('a view that has nothing more to show or to do lost nothing', () => {
  for (const life of ['gone', 'alone', 'untrusted'] as const)
    expect(bar(viewOf(['p', {}]), life)).toEqual({ words: '', line: '' });
});

it('a batch says what goes on without its kernel, and what takes it up', () => {
  const { words, line, run } = bar(lostBy('batch', ['k7f2-9qd4']));
  expect(words).toContain('What was launched goes on; the other rows wait.');
  expect([line, run]).toEqual(['%lg_batch --attach k7f2-9qd4', undefined]);
  expect(bar(lostBy('retry', ['k7f2-9qd4'])).words).not.toContain('goes on');
  for (const ids of [[], ['a b\n'], null]) expect(bar(lostBy('batch', ids)).line).toBe('');
});

it.each([
  ['/', '%lg_store search --open /'],
  ['todo/a b', ''],
  ['a/b\n', ''],
  ['todo/Test', '%lg_store search --open todo/Test'],
  ['users/mé@x', '%lg_store search --open users/mé@x'],
  ['users/-x', '%lg_store search --open users/-x'],
  ['-x', ''],
  ['@x', '']
])('items of %j are opened again by %j', (prefix, line) => {
  expect(bar(lostBy('store', [prefix])).line).toBe(line);
});

it.each(['burn', 'toString', '', 7, null])('a command that is not on the list brings nothing back: %j', (command) => {
  expect(bar(viewOf(['p', {}], { command, ids: IDS }))).toEqual({ words: '', line: '' });
});

/** A bar on the page, and the requests of its button. */
function drawn(said: Bar, answer: () => Promise<unknown> = async () => null) {
  const [element, asked] = [place(), [] as string[]];
  const ask = (command: string) => {
    asked.push(command);
    return answer();
  };
  const view = new View(element, ask, '', new AbortController().signal);
  view.show({ tree: barTree(said), ahead: 0, isLive: true });
  return { element, asked };
}

it('an untrusted notebook can be trusted by a button', () => {
  const untrusted = bar(lostBy('attach'), 'untrusted');
  expect(untrusted).toEqual({ words: expect.stringContaining('buttons are off'), line: '', canTrust: true });
  const { element, asked } = drawn(untrusted);
  expect(find(element, 'button').textContent).toBe('Trust this notebook');
  find(element, 'button').click();
  expect(asked).toHaveLength(1);
});

it.each(['alone', 'pending', 'unbound', 'dead'] as const)('there is no button when it is %s', (life) => {
  expect(bar(lostBy('attach'), life)).toEqual({ words: expect.any(String), line: '' });
});

it.each(['x\n!rm -rf /', '$(x)', ''])('an id that is none makes no line: %j', (id) => {
  const { line, run } = bar(lostBy('attach', [IDS[0], id]));
  expect([line, run]).toEqual(['', undefined]);
  expect(bar(lostBy('history', [id])).line).toBe('');
});

it('another version says what to do', () => {
  expect(otherVersion(lostBy('attach'))).toBe('');
  expect(otherVersion({ protocol: 2 })).toContain('reload the page');
  for (const older of [{ protocol: 0 }, {}, null, { protocol: '1' }])
    expect(otherVersion(older)).toContain('restart the kernel');
});

it('a press shows its result, and is one press until then', async () => {
  const failures: ((problem: Error) => void)[] = [];
  const { element, asked } = drawn(
    { words: 'gone', line: '%lg_attach -t a b', run: { run: 'b', thread: 'a' } },
    () => new Promise((_, reject) => failures.push(reject))
  );
  const button = find(element, 'button');
  expect([button.textContent, button.title]).toEqual(['Reattach', '%lg_attach -t a b']);
  button.click();
  button.click();
  expect(asked).toHaveLength(1);
  failures[0]!(new Error('Not connected. Inserted below, not run.'));
  await vi.waitFor(() =>
    expect(find(element, '[role=alert]').textContent).toBe('Not connected. Inserted below, not run.')
  );
  button.click();
  expect(asked).toHaveLength(2);
});

it('what only a cell can bring back says so', () => {
  const { element } = drawn(bar(lostBy('history', ['a-b'])));
  expect(find(element, 'button').textContent).toBe('Insert cell');
});

it('where there is nothing to say there is no button', () => {
  const { element } = drawn({ words: '', line: '' });
  expect(element.textContent).toBe('');
  expect(element.querySelector('button')).toBeNull();
});

it('a note is removed when the kernel has emptied it, and nothing else is', () => {
  const ended = { trusted: true, data: {}, metadata: { lg_magics_note: true } };
  expect(isEndedNote(ended)).toBe(true);
  for (const change of [{ trusted: false }, { data: { 'text/plain': 'still waiting' } }, { metadata: {} }])
    expect(isEndedNote({ ...ended, ...change })).toBe(false);
});
