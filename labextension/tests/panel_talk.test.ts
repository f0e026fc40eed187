/** The conversation with a kernel, and what is asked for when: over a kernel that answers as it is told. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LISTS, sectionFrom } from '../shared/panel';
import { PanelModel } from '../shared/panel_model';
import { Refusal, Talk } from '../shared/panel_talk';
import { Kernel, sectionOf, settle } from './panels';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function talking() {
  const sent: { id: string; protocol: number; command: string; arguments: object }[] = [];
  const changed: string[][] = [];
  const slow: boolean[] = [];
  const hears = {
    changed: (names: string[]) => void changed.push(names),
    slow: (isSlow: boolean) => void slow.push(isSlow)
  };
  const talk = new Talk((data) => sent.push(data as never), hears);
  return { talk, sent, changed, slow };
}

it('a request bears the protocol, and ends with its own answer', async () => {
  const { talk, sent } = talking();
  const [first, second] = [talk.ask('hello'), talk.ask('section', { name: 'runs' })];
  expect(sent.map(({ protocol, command, arguments: given }) => [protocol, command, given])).toEqual([
    [1, 'hello', {}],
    [1, 'section', { name: 'runs' }]
  ]);
  talk.hear({ id: sent[1]!.id, ok: true, result: 2 });
  talk.hear({ id: sent[0]!.id, ok: true, result: 1 });
  expect(await Promise.all([first, second])).toEqual([1, 2]);
});

it('a refusal says what failed and what to do', async () => {
  const { talk, sent } = talking();
  const answer = talk.ask('thread use', { thread: 't9' }).catch((problem: Refusal) => problem);
  const error = { type: 'ReferenceError', message: "No thread 't9'.", hint: '%lg_threads lists them.' };
  talk.hear({ id: sent[0]!.id, ok: false, error });
  const problem = (await answer) as Refusal;
  expect([problem.type, problem.words]).toEqual([
    'ReferenceError',
    "No thread 't9'. %lg_threads lists them."
  ]);
});

it.each([
  null,
  7,
  'x',
  [],
  {},
  { id: 3 },
  { id: 'other', ok: true },
  { changed: 'runs' },
  { changed: [1, {}] }
])('any message is heard without harm: %j', (data) => {
  const { talk, changed } = talking();
  expect(() => talk.hear(data)).not.toThrow();
  expect(changed.flat()).toEqual([]);
});

it('an error of any shape is a refusal with words', async () => {
  for (const error of [null, 'x', 3, {}, { message: 7 }]) {
    const { talk, sent } = talking();
    const answer = talk.ask('hello').catch((problem: Refusal) => problem.words);
    talk.hear({ id: sent[0]!.id, ok: false, error });
    expect(await answer).toBe('The kernel did not say what went wrong.');
  }
});

it('two pages on one comm do not take each other’s answers', async () => {
  const [here, there] = [talking(), talking()];
  void here.talk.ask('hello');
  void there.talk.ask('hello');
  expect(here.sent[0]!.id).not.toBe(there.sent[0]!.id);
});

it('what is unanswered ends with the kernel, and nothing is asked of a gone one', async () => {
  const { talk, sent } = talking();
  const answer = talk.ask('hello').catch((problem: Refusal) => problem.message);
  talk.end('The kernel has gone.');
  expect(await answer).toBe('The kernel has gone.');
  expect(await talk.ask('hello').catch((problem: Refusal) => problem.message)).toBe('The kernel has gone.');
  expect(sent).toHaveLength(1);
});

it('what cannot be sent is refused', async () => {
  const talk = new Talk(
    () => {
      throw new Error('disposed');
    },
    { changed() {}, slow() {} }
  );
  await expect(talk.ask('hello')).rejects.toThrow('could not be asked');
});

it('after a while it is said that somebody is busy, until the answer is there', () => {
  const { talk, sent, slow } = talking();
  void talk.ask('hello');
  vi.advanceTimersByTime(1_900);
  expect(slow).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(slow).toEqual([true]);
  talk.hear({ id: sent[0]!.id, ok: true });
  expect(slow).toEqual([true, false]);
});

// -- what is asked for when -----------------------------------------------------------------------------------

async function opened(changes: Partial<Kernel> = {}) {
  const kernel = Object.assign(new Kernel(), changes);
  const model = kernel.open();
  await settle();
  return { kernel, model };
}

it('only what is wanted is asked for, and lists only where there is a deployment', async () => {
  const { kernel, model } = await opened({ deployment: { connected: false } });
  expect(kernel.take()).toEqual(['hello']);
  model.want(['deployment', ...LISTS]);
  await settle();
  expect(kernel.take().sort()).toEqual(['deployment', 'runs']);
  kernel.deployment = { connected: true, url: 'u' };
  kernel.tell('deployment');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(new Set(kernel.take())).toEqual(new Set(['deployment', ...LISTS]));
});

it('in a minute without news, nothing is asked for: seen or not', async () => {
  const { kernel, model } = await opened();
  model.want(['deployment', ...LISTS]);
  await vi.advanceTimersByTimeAsync(5_000);
  kernel.take();
  await vi.advanceTimersByTimeAsync(60_000);
  model.want(['runs']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kernel.take()).toEqual([]);
});

it('what nobody sees is not asked for when it changes, but when it is wanted again', async () => {
  const { kernel, model } = await opened();
  model.want(['deployment', ...LISTS]);
  await vi.advanceTimersByTimeAsync(2_000);
  kernel.take();
  model.want(['runs']);
  kernel.tell('threads', 'runs');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(kernel.take()).toEqual(['runs']);
  model.want(['runs', 'threads']);
  await settle();
  expect(kernel.take()).toEqual(['threads']);
});

it('a storm of news is a few requests, and the last one is heeded', async () => {
  const { kernel, model } = await opened();
  model.want(['deployment', 'threads']);
  await vi.advanceTimersByTimeAsync(2_000);
  kernel.take();
  for (let news = 0; news < 100; news++) {
    kernel.tell('threads');
    await vi.advanceTimersByTimeAsync(25);
  }
  kernel.sections = { threads: sectionOf('threads') };
  kernel.tell('threads');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(kernel.take().length).toBeLessThanOrEqual(5);
  expect(model.sections.get('threads')!.rows).toHaveLength(2);
});

it('a section that could not be had says why, and is asked for again when it changes', async () => {
  const { kernel, model } = await opened();
  const error = { type: 'Unsupported', message: 'This deployment has no crons.', hint: '' };
  kernel.answers.section = ({ arguments: { name } }) => (name === 'crons' ? { ok: false, error } : {});
  model.want(['deployment', 'crons']);
  await settle();
  expect(model.failures.get('crons')).toBe('This deployment has no crons.');
  delete kernel.answers.section;
  kernel.tell('crons');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(model.failures.size).toBe(0);
});

it('another version says what to do', async () => {
  const error = { type: 'OtherVersion', message: 'They differ.', hint: 'Restart the kernel.' };
  const { model } = await opened({ answers: { hello: () => ({ ok: false, error }) } });
  expect(model.otherVersion).toBe('They differ. Restart the kernel.');
});

it('another deployment takes the lists of the one before away', async () => {
  const { kernel, model } = await opened();
  kernel.sections = { threads: sectionOf('threads') };
  model.want(['deployment', 'threads']);
  await settle();
  expect(model.sections.get('threads')!.rows).toHaveLength(2);
  kernel.deployment = { connected: true, url: 'elsewhere' };
  kernel.sections = {};
  kernel.tell('deployment');
  await vi.advanceTimersByTimeAsync(300);
  expect(model.sections.get('threads')?.rows ?? []).toEqual([]);
});

it('a model that has ended asks nothing and tells nothing', async () => {
  let told = 0;
  const model = new PanelModel(
    () => undefined,
    () => told++
  );
  model.want(['runs']);
  model.end('gone');
  await settle();
  model.refresh();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toBe(0);
});

// -- the door of unknown JSON ---------------------------------------------------------------------------------

it.each([
  null,
  7,
  'x',
  [],
  { rows: [null, 3, {}, { id: 'a', seconds: 'x', asks: [null] }], actions: [1], tools: {} }
])('any JSON is a section: %j', (json) => {
  const section = sectionFrom(json);
  expect(section.rows.every(({ text }) => text === '')).toBe(true);
});

it('a row that says the same is the same object, one that goes on is not', () => {
  const before = sectionFrom(sectionOf('runs'));
  const after = sectionFrom(sectionOf('runs'), before);
  expect(after.rows.map((row, place) => row === before.rows[place])).toEqual([false, true]);
});

it('an id stands for one row', () => {
  expect(sectionFrom(sectionOf('hostile')).rows).toHaveLength(1);
});
