/** Which changes of runs are news for somebody who does not look at their cards. */
import { expect, it } from 'vitest';
import { knownFrom } from '../src/kernel_panel';
import { newsOf, statusesOf } from '../src/notices';

const rows = (...states: string[]) =>
  knownFrom({
    runs: states.map((state, place) => ({
      id: `run-${place}`,
      title: 'count to sixty',
      seconds: 101.4,
      awaited: false,
      recent: false,
      state,
      cell: `cell-${place}`,
      thread: `th-${place}`
    }))
  }).runs!;
const nowhere = () => false;
const before = (...states: string[]) => statusesOf(rows(...states));

it('the end of a run is news, with its cell', () => {
  expect(newsOf(before('running'), rows('success'), nowhere)).toEqual([
    { kind: 'success', words: 'Finished in 1 min 41 s', about: '“count to sixty”', cell: 'cell-0', run: 'run-0' }
  ]);
  expect(newsOf(before('pending'), rows('error'), nowhere)[0]!.kind).toBe('error');
});

it('a run that waits is news, with its thread', () => {
  const [news] = newsOf(before('running'), rows('waiting'), nowhere);
  expect(news).toEqual({
    kind: 'warning',
    words: 'Waiting for you',
    about: '“count to sixty”',
    cell: 'cell-0',
    asks: 'th-0',
    run: 'run-0'
  });
});

it('a recent run that was not there before is news: it ended between two states', () => {
  const recent = rows('waiting').map((run) => ({ ...run, recent: true }));
  expect(newsOf(new Map(), recent, nowhere)).toHaveLength(1);
  expect(newsOf(null, recent, nowhere)).toEqual([]);
  expect(newsOf(before('waiting'), recent, nowhere)).toEqual([]);
});

it('a run that other runs kept out of the list for a while is compared with what was seen of it', () => {
  const ended = rows('success').map((run) => ({ ...run, recent: true }));
  const known = statusesOf([], statusesOf(ended, before('running')));
  expect(newsOf(known, ended, nowhere)).toEqual([]);
  expect(newsOf(statusesOf([], before('running')), rows('success'), nowhere)).toHaveLength(1);
});

it.each([
  ['nothing was seen before', null, 'success'],
  ['it goes on', before('running'), 'running'],
  ['it had ended before', before('success'), 'success'],
  ['it was answered', before('waiting'), 'success'],
  ['somebody cancelled it', before('running'), 'cancelled'],
  ['it was not there before', new Map<string, string>(), 'success']
])('it is no news when %s', (_, seen, now) => {
  expect(newsOf(seen, rows(now), nowhere)).toEqual([]);
});

it('what can be seen is no news', () => {
  expect(newsOf(before('running', 'running'), rows('success', 'error'), ({ id }) => id === 'run-1')).toHaveLength(1);
});

it('many at once are one piece of news', () => {
  const live = Array.from({ length: 5 }, () => 'running');
  const news = newsOf(before(...live), rows('success', 'success', 'error', 'success', 'waiting'), nowhere);
  expect(news).toEqual([{ kind: 'error', words: '3 runs finished, 1 failed, 1 waiting for you' }]);
});

it('a run that a cell waits for is no news', () => {
  const awaited = rows('success').map((row) => ({ ...row, awaited: true }));
  expect(newsOf(before('running'), awaited, nowhere)).toEqual([]);
});

it.each([
  ['error', 'Failed after 1 min 41 s'],
  ['timeout', 'Stopped at its time limit after 1 min 41 s'],
  ['deleted', 'Ended as deleted after 1 min 41 s']
])('%s is said as %j', (state, words) => {
  expect(newsOf(before('running'), rows(state), nowhere)[0]!.words).toBe(words);
});
