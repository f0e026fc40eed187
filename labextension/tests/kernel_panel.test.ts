/** The page's end of the panel's comm: it asks for the whole once, follows the changes, and every request ends. */
import { expect, it, vi } from 'vitest';
import { KernelPanel } from '../src/kernel_panel';

interface Asked {
  id: string;
  protocol: number;
  command: string;
}

const TREE = ['p', {}, 'first'];
const VIEW = { protocol: 1, name: 'n', version: 3, at: 0, tree: TREE, lost: null };
const KNOWN = { connected: true, live: 1, waiting: 2, left: [] };
const CHANGE = { base: 3, version: 4, at: 1, changes: [['replace', [], ['p', {}, 'next']]], lost: null };

/** A panel whose kernel answers when the test asks for it. */
function opened(answers: Record<string, object> = {}) {
  const sent: Asked[] = [];
  const [seen, happened]: [unknown[], unknown[]] = [[], []];
  const view = { result: structuredClone(VIEW) };
  const results: Record<string, object> = { view, known: { result: KNOWN }, ...answers };
  const panel: KernelPanel = new KernelPanel(
    (data) => {
      const asked = data as Asked;
      sent.push(asked);
      const answer = results[asked.command];
      if (answer) queueMicrotask(() => panel.receive({ id: asked.id, ok: 'result' in answer, ...answer }));
    },
    () => seen.push(panel.known),
    (news) => happened.push(news)
  );
  const life = new AbortController();
  panel.source.changed(() => seen.push(panel.source.tree), life.signal);
  return { panel, sent, seen, happened };
}

it('the whole is asked for once, and what the page is to know besides', async () => {
  const { panel, sent, seen } = opened();
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  expect(sent.map(({ command, protocol }) => [command, protocol])).toEqual([
    ['view', 1],
    ['known', 1]
  ]);
  expect([panel.isThere, panel.source.tree, panel.known]).toEqual([true, TREE, KNOWN]);
});

it('changes are followed without a request, and news comes by itself', async () => {
  const { panel, sent, seen } = opened();
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  panel.receive({ update: CHANGE });
  panel.receive({ known: { ...KNOWN, live: 5 } });
  expect([panel.source.tree, panel.known!.live]).toEqual([['p', {}, 'next'], 5]);
  expect(sent).toHaveLength(2);
});

it('what happened to runs is passed on, also before the panel is there', async () => {
  const { panel, seen, happened } = opened();
  const run = { id: 'r', kind: 'success', words: 'Finished', about: '', cell: 'c', leads: [] };
  panel.receive({ news: { runs: [run], answered: ['a'] } });
  panel.receive({ news: { runs: 'x', answered: [null] } });
  expect(happened).toEqual([
    { runs: [run], answered: ['a'] },
    { runs: [], answered: [] }
  ]);
  await vi.waitFor(() => expect(seen).toHaveLength(2));
});

it('changes that do not fit make it request the whole again', async () => {
  const { panel, sent, seen } = opened();
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  panel.receive({ update: { ...CHANGE, base: 8, version: 9 } });
  await vi.waitFor(() => expect(sent.map(({ command }) => command)).toEqual(['view', 'known', 'view']));
});

it('a kernel of another version says what to do', async () => {
  const error = { type: 'OtherVersion', message: 'They differ.', hint: 'Restart the kernel.' };
  const { panel } = opened({ view: { error } });
  await vi.waitFor(() => expect(panel.problem).toBe('They differ. Restart the kernel.'));
  expect(panel.isThere).toBe(false);
});

it('what is unanswered ends with the kernel', async () => {
  const { panel } = opened();
  const answer = panel.source.ask('section').catch((problem: Error) => problem.message);
  panel.source.end('The kernel has gone.');
  expect(await answer).toBe('The kernel has gone.');
  await expect(panel.source.ask('section')).rejects.toThrow('The kernel has gone.');
});

it.each([
  null,
  7,
  'x',
  [],
  {},
  { id: 3 },
  { id: 'other', ok: true },
  { known: 7 },
  { known: { left: 3 } },
  { news: 7 }
])('any message is taken without harm: %j', async (data) => {
  const { panel, seen } = opened();
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  expect(() => panel.receive(data)).not.toThrow();
  expect(panel.source.tree).toEqual(TREE);
});
