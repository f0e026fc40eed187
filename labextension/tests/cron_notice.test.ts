/** What is said when a kernel ends whose crons go on: once, in a line that JupyterLab does not cut. */
import { expect, it } from 'vitest';
import { CronNotice } from '../src/notices';

const NOW = 1_000_000;
const MINE = '%lg_cron delete --mine';
const WORDS = `2 crons go on firing on local. Once connected again: ${MINE}`;

const left = (...ids: string[]) => [{ ids, until: null as number | null, words: WORDS, line: MINE }];
const said = (crons: ReturnType<typeof left>, title = 'trip.ipynb') => new CronNotice().of(crons, title, NOW);

it('it names the notebook, and what the kernel has said of its crons', () => {
  expect(said(left('a', 'b'))).toEqual({ words: `trip.ipynb: ${WORDS}`, line: MINE });
});

it('where nothing goes on, nothing is said', () => {
  expect(said([])).toBeNull();
  const soon = { ids: ['a'], until: 999, words: 'two', line: '1' };
  const later = { ids: ['b'], until: 1_001, words: 'one', line: '2' };
  expect(said([soon])).toBeNull();
  expect(said([soon, later])).toEqual({ words: 'trip.ipynb: one', line: '2' });
});

it('each cron is named once, and new ones are', () => {
  const notice = new CronNotice();
  expect(notice.of(left('a'), 'a', NOW)).not.toBeNull();
  expect(notice.of(left('a'), 'b', NOW)).toBeNull();
  expect(notice.of(left('a', 'b'), 'a', NOW)).not.toBeNull();
});

it('it is no longer than what JupyterLab shows, whatever the name of the notebook', () => {
  const { words } = said(left('a'), 'n'.repeat(200))!;
  expect(words).toHaveLength(140);
  expect(words.endsWith(`n…: ${WORDS}`)).toBe(true);
  const long = { ...left('a')[0]!, words: 'w'.repeat(130) };
  expect(said([long])!.words).toBe('w'.repeat(130));
});
