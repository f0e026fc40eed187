/** The panel on a page: what it says, what its buttons ask for, and what a person does stays. Over a kernel of the test's own. */
import { afterEach, expect, it, vi } from 'vitest';
import { find } from './place';
import { button, DEPLOYMENT, type Kernel, sectionOf, settle, type Shown, shown, VIEW } from './panels';

afterEach(() => void vi.useRealTimers());

const ALL = () => ({
  waiting: sectionOf('waiting'),
  runs: sectionOf('runs'),
  threads: sectionOf('threads'),
  store: sectionOf('store'),
  crons: sectionOf('crons')
});

const head = (element: Element, words: string) =>
  [...element.querySelectorAll<HTMLElement>('.lg-rowhead')].find((each) =>
    each.textContent!.includes(words)
  )!;
const last = ({ asked }: Kernel) => asked.at(-1)!;

it('says where the session is, and each section with its count', async () => {
  const { element } = await shown(ALL());
  expect(find(element, '[aria-label=Deployment]').textContent).toContain('connectedlocaluser_id=Test');
  expect(find(element, '.lg-waiting h3').textContent).toBe('Waiting for you3');
  expect(find(element, '.lg-runs h3').textContent).toBe('Runs1 live');
  expect(find(element, '.lg-threads h3').textContent).toBe('Threads2+');
  expect(head(element, 'Add a ToDo').textContent).toContain('current · running');
  expect(head(element, 'Add a ToDo').getAttribute('aria-current')).toBe('true');
  expect(element.textContent).not.toContain('a/b c');
});

it('what is folded is not asked for; it is when somebody opens it', async () => {
  const { element, kernel } = await shown(ALL());
  expect(kernel.take()).toEqual(['hello', 'deployment', 'runs', 'waiting', 'threads']);
  button(element, 'Store').click();
  await settle();
  expect(kernel.take()).toEqual(['store']);
  expect(element.textContent).toContain('a/b c');
});

it('hostile text stays text, in every place', async () => {
  const { element } = await shown({ threads: sectionOf('hostile') });
  head(element, '<img').click();
  expect(element.querySelector('img')).toBeNull();
  expect((window as { hacked?: unknown }).hacked).toBeUndefined();
});

it.each([
  ['Use', 'thread use', { thread: 'th-2' }],
  ['Copy', 'thread copy', { thread: 'th-2' }]
])('%s is done at once', async (label, command, given) => {
  const { element, kernel } = await shown(ALL());
  head(element, 'Give me').click();
  kernel.answers[command] = () => ({ result: { said: 'thread t2 (was t1)' } });
  button(element, label).click();
  expect([last(kernel).command, last(kernel).arguments]).toEqual([command, given]);
  await settle();
  expect(find(element, '.lg-told').textContent).toBe('thread t2 (was t1)');
});

it('delete asks back, naming the thing, with the keyboard on the harmless answer', async () => {
  const { element, kernel } = await shown(ALL());
  head(element, 'Give me').click();
  kernel.take();
  button(element, 'Delete').focus();
  button(element, 'Delete').click();
  expect(kernel.take()).toEqual([]);
  expect(find(element, '.lg-question p').textContent).toBe(
    'Delete thread t2 ·89df80 “Give me a summary…” with all it holds, and its crons? It cannot be brought back.'
  );
  expect(document.activeElement!.textContent).toBe('Leave it');
  button(element, 'Leave it').click();
  expect(element.querySelector('.lg-question')).toBeNull();
  expect(document.activeElement!.textContent).toBe('Delete');
  button(element, 'Delete').click();
  button(element, 'Delete t2').click();
  button(element, 'working…').click();
  expect(kernel.asked.map(({ command, arguments: given }) => [command, given])).toEqual([
    ['thread delete', { thread: 'th-2' }]
  ]);
  await settle();
  expect(element.querySelector('.lg-question')).toBeNull();
});

it('a protected deployment is named and asked about before anything is written to it', async () => {
  const { element, kernel } = await shown(ALL());
  kernel.deployment = { ...DEPLOYMENT, deployment: 'prod', protected: true };
  kernel.model.refresh();
  await settle();
  expect(find(element, '.lg-protected').textContent).toBe('protected');
  head(element, 'Give me').click();
  button(element, 'Delete').click();
  expect(find(element, '.lg-question p').textContent).toContain('prod is protected. Delete thread t2');
  button(element, 'Delete t2').click();
  expect(last(kernel).arguments).toEqual({ thread: 'th-2', yes: true });
  await settle();
  button(element, 'Crons').click();
  await settle();
  head(element, '0 9').click();
  button(element, 'Pause').click();
  expect(find(element, '.lg-question p').textContent).toBe(
    'prod is protected. Pause: c1 ·05287 “0 9 * * MON-FRI  agent”?'
  );
  button(element, 'Pause c1').click();
  expect([last(kernel).command, last(kernel).arguments]).toEqual(['cron pause', { cron: 'c-1', yes: true }]);
});

it('what could not be done is told, and all is looked at anew', async () => {
  const { element, kernel } = await shown(ALL());
  const error = { type: 'NotFound', message: 'No thread.', hint: '%lg_threads lists them.' };
  kernel.answers['thread copy'] = () => ({ ok: false, error });
  head(element, 'Give me').click();
  button(element, 'Copy').click();
  await settle();
  expect(find(element, '[role=alert]').textContent).toBe('No thread. %lg_threads lists them.');
  expect(kernel.take()).toContain('threads');
});

it('each action shows the line that does the same, and inserts it', async () => {
  const { element, inserted } = await shown(ALL());
  head(element, 'Give me').click();
  for (const line of [
    '%lg_thread use t2',
    '%lg_thread delete t2',
    '%lg_messages -t t2',
    '%lg_history t2 --open'
  ])
    button(element, `Insert cell: ${line}`).click();
  await settle();
  expect(inserted).toEqual([
    '%lg_thread use t2',
    '%lg_thread delete t2',
    '%lg_messages -t t2',
    '%lg_history t2 --open'
  ]);
  expect(find(element, '.lg-told').textContent).toBe('Inserted.');
});

it('a run is cancelled from its row, once', async () => {
  const { element, kernel } = await shown(ALL());
  kernel.holds.add('cancel');
  const cancel = button(element, 'Cancel r2 ·0b6bf “task_maistro”');
  cancel.click();
  cancel.click();
  expect(kernel.asked.filter(({ command }) => command === 'cancel').map((each) => each.arguments)).toEqual([
    { references: 'run-2' }
  ]);
  expect(button(element, 'Cancel r2 ·0b6bf “task_maistro”').getAttribute('aria-disabled')).toBe('true');
});

it('all live runs are cancelled after a question', async () => {
  const { element, kernel } = await shown(ALL());
  button(element, 'Cancel all').click();
  expect(find(element, '.lg-question p').textContent).toBe('Cancel all live runs of this session?');
  find(element, '.lg-now').click();
  expect([last(kernel).command, last(kernel).arguments]).toEqual(['cancel', { mine: true }]);
});

// -- what waits -----------------------------------------------------------------------------------------------

async function asking(): Promise<Shown> {
  const made = await shown(ALL());
  button(made.element, 'Answer t1 ·b7a4f2 “Book the flight for 640 USD?”').click();
  return made;
}

it('a question is answered by the form of the card: empty, and sent with the mark of what was shown', async () => {
  const { element, kernel } = await asking();
  const resume = () => button(element, 'Resume');
  expect(element.querySelector('textarea')).toBeNull();
  expect(resume().disabled).toBe(true);
  button(element, 'accept').click();
  expect(button(element, 'Insert cell: %lg_resume -t t1 --accept')).toBeTruthy();
  kernel.holds.add('answer');
  resume().click();
  button(element, 'sending…').click();
  const { mark } = (sectionOf('waiting').rows as { mark: string }[])[0]!;
  expect(kernel.asked.filter(({ command }) => command === 'answer').map((each) => each.arguments)).toEqual([
    { thread: 'th-1', mark, answers: [{ interrupt_id: 'i-1', kind: 'accept', value: null }] }
  ]);
});

it('a text is answered; no key sends it; what could not be sent stays filled in', async () => {
  const { element, kernel } = await shown(ALL());
  head(element, 'Which hotel').click();
  const box = find(element, 'textarea') as HTMLTextAreaElement;
  expect(box.value).toBe('');
  box.value = 'the small one';
  box.dispatchEvent(new Event('input'));
  kernel.take();
  for (const key of ['Enter', ' ']) box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  expect(kernel.take()).toEqual([]);
  expect(button(element, 'Insert cell: %lg_resume -t th-2 the small one')).toBeTruthy();
  kernel.answers.answer = () => ({ ok: false, error: { type: 'LgError', message: 'Busy.', hint: '' } });
  button(element, 'Resume').click();
  expect(last(kernel).arguments.answers).toEqual([
    { interrupt_id: 'i-2', kind: 'text', value: 'the small one' }
  ]);
  await settle();
  expect(find(element, '[role=alert]').textContent).toBe('Busy.');
  expect((find(element, 'textarea') as HTMLTextAreaElement).value).toBe('the small one');
});

it('a breakpoint goes on with one button', async () => {
  const { element, kernel } = await shown(ALL());
  head(element, 'stopped before').click();
  button(element, 'Go on').click();
  expect(last(kernel).arguments).toEqual({ thread: 'th-3', mark: 'm-3', answers: [] });
  expect(button(element, 'Insert cell: %lg_resume -t t3')).toBeTruthy();
});

it('what is filled in for one question is not there for another', async () => {
  const { element, kernel } = await asking();
  button(element, 'respond').click();
  const rows = sectionOf('waiting').rows as object[];
  kernel.sections.waiting = sectionOf('waiting', { rows: [{ ...rows[0], mark: 'another' }] });
  vi.useFakeTimers();
  kernel.tell('waiting');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(element.querySelector('textarea')).toBeNull();
  expect(button(element, 'respond').getAttribute('aria-pressed')).toBe('false');
});

it('a notification opens the question, and brings the keyboard there', async () => {
  const { element, panel } = await shown(ALL());
  button(element, 'Waiting for you').click();
  panel.openQuestions('th-2');
  expect(document.activeElement!.localName).toBe('textarea');
  panel.openQuestions('th-2');
  expect(find(element, '.lg-waiting .lg-open').getAttribute('aria-label')).toContain('Which hotel?');
});

// -- forks ----------------------------------------------------------------------------------------------------

it('a thread is forked from one of its checkpoints', async () => {
  const { element, kernel, inserted } = await shown(ALL());
  const fork = {
    label: 'Fork here',
    line: '%lg_fork {}',
    command: 'fork',
    argument: 'checkpoint',
    also: 'thread'
  };
  const rows = [{ id: 'ck-1', word: '-t t2 step:4', shown: 'step:4', text: 'agent', thread: 'th-2' }];
  kernel.answers.checkpoints = () => ({ result: { rows, actions: { fork } } });
  head(element, 'Give me').click();
  button(element, 'Fork from a checkpoint…').click();
  expect([last(kernel).command, last(kernel).arguments]).toEqual(['checkpoints', { thread: 'th-2' }]);
  await settle();
  button(element, 'Insert cell: %lg_fork -t t2 step:4').click();
  expect(inserted).toEqual(['%lg_fork -t t2 step:4']);
  button(element, 'Fork here').click();
  expect([last(kernel).command, last(kernel).arguments]).toEqual([
    'fork',
    { checkpoint: 'ck-1', thread: 'th-2' }
  ]);
});

// -- long lists -----------------------------------------------------------------------------------------------

it('a long list is drawn a hundred rows at a time, and filtered as a whole', async () => {
  const { element } = await shown({ threads: sectionOf('many') });
  const rows = () => element.querySelectorAll('.lg-threads .lg-row').length;
  expect(rows()).toBe(100);
  button(element, 'Show more of 1000').click();
  expect(rows()).toBe(200);
  const box = find(element, '.lg-filter') as HTMLInputElement;
  box.value = 'THREAD 99';
  box.dispatchEvent(new Event('input'));
  expect(rows()).toBe(11);
  expect(find(element, '.lg-found').textContent).toBe('11 of them');
  box.value = '';
  box.dispatchEvent(new Event('input'));
  expect(rows()).toBe(100);
});

it('a filter looks at all threads, not only at those that were listed', async () => {
  const rows = (sectionOf('many').rows as object[]).slice(0, 30);
  const { element, kernel } = await shown({ threads: sectionOf('many', { rows, is_whole: false }) });
  kernel.sections.threads = sectionOf('many');
  const box = find(element, '.lg-filter') as HTMLInputElement;
  box.value = 'Thread 77';
  box.dispatchEvent(new Event('input'));
  expect(last(kernel).arguments).toEqual({ name: 'threads', limit: 1000 });
  await settle();
  expect(element.querySelectorAll('.lg-threads .lg-row')).toHaveLength(11);
});

it('a change of one of a thousand threads touches its row alone', async () => {
  const { element, kernel } = await shown({ threads: sectionOf('many') });
  for (let more = 0; more < 9; more++) find(element, '.lg-threads .lg-more').click();
  expect(element.querySelectorAll('.lg-threads .lg-row')).toHaveLength(1000);
  const rows = structuredClone(sectionOf('many').rows) as { state: string }[];
  rows[500]!.state = 'busy';
  kernel.sections.threads = sectionOf('many', { rows });
  const seen: MutationRecord[] = [];
  const observer = new MutationObserver((records) => seen.push(...records));
  observer.observe(find(element, '.lg-threads'), {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true
  });
  vi.useFakeTimers();
  kernel.tell('threads');
  await vi.advanceTimersByTimeAsync(4_000);
  seen.push(...observer.takeRecords());
  expect(seen.map(({ target }) => (target as Text).data)).toEqual(['busy']);
});

it('a thousand rows are looked through once for the one that Tab comes to', async () => {
  const { element, panel } = await shown({ threads: sectionOf('many') });
  for (let more = 0; more < 9; more++) find(element, '.lg-threads .lg-more').click();
  const looks = vi.spyOn(panel, 'stop');
  panel.refresh();
  await settle();
  expect(looks.mock.calls.filter(([name]) => name === 'threads').length).toBeLessThan(10);
  expect(element.querySelectorAll('.lg-threads .lg-row')).toHaveLength(1000);
});

// -- keys and focus -------------------------------------------------------------------------------------------

const key = (name: string) =>
  document.activeElement!.dispatchEvent(
    new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true })
  );

it('a list is one stop for Tab; arrows, Home and End go from row to row', async () => {
  const { element } = await shown(ALL());
  const heads = [...element.querySelectorAll<HTMLElement>('.lg-waiting .lg-rowhead')];
  const stops = () => heads.map(({ tabIndex }) => tabIndex);
  expect(stops()).toEqual([0, -1, -1]);
  heads[0]!.focus();
  key('ArrowDown');
  expect(document.activeElement).toBe(heads[1]);
  expect(stops()).toEqual([-1, 0, -1]);
  key('End');
  key('ArrowDown');
  expect(document.activeElement).toBe(heads[2]);
  key('Home');
  expect(document.activeElement).toBe(heads[0]);
});

it('Escape goes out of a question, then out of the row, and the keyboard stays there', async () => {
  const { element } = await shown(ALL());
  head(element, 'Give me').focus();
  head(element, 'Give me').click();
  button(element, 'Delete').focus();
  button(element, 'Delete').click();
  key('Escape');
  expect(element.querySelector('.lg-question')).toBeNull();
  expect(element.querySelector('.lg-open')).not.toBeNull();
  key('Escape');
  expect(element.querySelector('.lg-open')).toBeNull();
  expect(document.activeElement).toBe(head(element, 'Give me'));
});

it('a row keeps the keyboard while the lists change', async () => {
  const { element, kernel } = await shown(ALL());
  head(element, 'Give me').focus();
  const rows = structuredClone(sectionOf('threads').rows) as object[];
  kernel.sections.threads = sectionOf('threads', { rows: [{ id: 'new', text: 'New' }, ...rows] });
  vi.useFakeTimers();
  kernel.tell('threads');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(document.activeElement!.textContent).toContain('Give me');
});

// -- places ---------------------------------------------------------------------------------------------------

it('where there is no panel it is said why, with a line that helps', async () => {
  const { element, panel, inserted } = await shown(ALL());
  panel.present({
    ...VIEW,
    words: 'lg_magics is not loaded in this kernel.',
    lines: ['%load_ext lg_magics'],
    again: true
  });
  expect(element.textContent).toContain('lg_magics is not loaded in this kernel.');
  expect(element.querySelectorAll('.lg-sec')).toHaveLength(0);
  button(element, 'Insert cell: %load_ext lg_magics').click();
  expect(inserted).toEqual(['%load_ext lg_magics']);
  expect(button(element, 'Look again')).toBeTruthy();
});

it('a session that is nowhere says so, with the line that connects', async () => {
  const { element, kernel, inserted } = await shown(ALL());
  kernel.deployment = { connected: false };
  kernel.model.refresh();
  await settle();
  expect(element.textContent).toContain('Not connected to a deployment.');
  expect(element.querySelectorAll('.lg-sec')).toHaveLength(1);
  button(element, 'Insert cell: %lg_connect local').click();
  expect(inserted).toEqual(['%lg_connect local']);
});

it('what nobody sees is neither asked for nor drawn', async () => {
  const { element, kernel, panel } = await shown(ALL());
  kernel.take();
  panel.see(false);
  const before = element.innerHTML;
  kernel.sections.threads = sectionOf('many');
  vi.useFakeTimers();
  kernel.tell('threads', 'waiting', 'deployment', 'runs');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(kernel.take()).toEqual(['runs']);
  expect(element.innerHTML).toBe(before);
  panel.see(true);
  await vi.advanceTimersByTimeAsync(100);
  expect(kernel.take().sort()).toEqual(['deployment', 'runs', 'threads', 'waiting']);
  expect(element.querySelectorAll('.lg-threads .lg-row')).toHaveLength(100);
});

it('nothing moves, and nothing is asked for, once it has ended', async () => {
  const { element, kernel, life } = await shown(ALL());
  life.abort();
  kernel.take();
  const before = element.innerHTML;
  vi.useFakeTimers();
  kernel.tell('threads', 'waiting');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(kernel.take()).toEqual([]);
  expect(element.innerHTML).toBe(before);
});

it('a cell that is in the notebook can be shown', async () => {
  const went: string[] = [];
  const { element } = await shown(ALL(), {
    canShow: (cell) => cell === 'cell-1',
    show: (cell) => void went.push(cell)
  });
  head(element, 'r1agent').click();
  button(element, 'Show its cell').click();
  expect(went).toEqual(['cell-1']);
  head(element, 'task_maistro').click();
  expect(
    [...element.querySelectorAll('button')].some(({ textContent }) => textContent === 'Show its cell')
  ).toBe(false);
});

it('a time that goes on ticks', async () => {
  vi.useFakeTimers();
  const { element } = await shown(ALL());
  const time = () => find(element, '.lg-runs .lg-time').textContent;
  expect(time()).toBe('4.2 s');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(time()).toBe('5.2 s');
});
