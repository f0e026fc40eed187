/** What is said when a kernel ends whose crons go on: once, in a line that JupyterLab does not cut. */
import { expect, it } from 'vitest';
import { CronNotice } from '../src/notices';
import { knownFrom } from '../src/kernel_panel';

const NOW = 1_000_000;
const MINE = '%lg_cron delete --mine';

const leftFrom = (left: unknown) => knownFrom({ left }).left;
const left = (...deployments: string[]) =>
  leftFrom({
    crons: deployments.map((deployment, place) => ({ id: `cron-${place}`, deployment, until: null })),
    line: MINE
  });
const words = (...deployments: string[]) => new CronNotice().of(left(...deployments), 'trip.ipynb', NOW)?.words;

it('it says how many go on, where, and what ends them', () => {
  expect(new CronNotice().of(left('local'), 'trip.ipynb', NOW)).toEqual({
    words: 'trip.ipynb: 1 cron goes on firing on local. Once connected again: %lg_cron delete --mine',
    line: MINE
  });
  expect(words('local', 'local')).toContain('2 crons go on firing on local.');
  expect(words('prod', 'local', 'local')).toContain('3 crons go on firing on local (2), prod (1).');
  expect(words('a', 'b', 'c', 'c', 'd')).toContain('on c (2), a (1) and 2 more.');
});

it('where nothing goes on, nothing is said', () => {
  const soon = { id: 'a', deployment: 'local', until: 999 };
  expect(words()).toBeUndefined();
  expect(new CronNotice().of(leftFrom({ crons: [soon], line: MINE }), 't', NOW)).toBeNull();
  const later = { ...soon, until: 1_001 };
  expect(new CronNotice().of(leftFrom({ crons: [later], line: MINE }), 't', NOW)).not.toBeNull();
});

it('each cron is named once, and new ones are', () => {
  const notice = new CronNotice();
  expect(notice.of(left('local'), 'a', NOW)).not.toBeNull();
  expect(notice.of(left('local'), 'b', NOW)).toBeNull();
  expect(notice.of(left('local', 'local'), 'a', NOW)!.words).toContain('2 crons');
});

it('it is no longer than what JupyterLab shows, whatever the names', () => {
  const long = Array.from({ length: 3 }, (_, place) => `${place}${'x'.repeat(80)}`);
  for (const deployments of [['local'], long.slice(0, 1), long]) {
    const said = new CronNotice().of(left(...deployments), 'n'.repeat(200), NOW)!.words;
    expect(said.length).toBeLessThanOrEqual(140);
    expect(said).toMatch(/ Once connected again: %lg_cron delete --mine$/);
  }
});

it.each([null, 7, [], {}, { crons: 3 }, { crons: [null, 1, { until: 'x' }], line: {} }])(
  'any JSON is taken without harm: %j',
  (json) => {
    expect(() => new CronNotice().of(leftFrom(json), 't', NOW)).not.toThrow();
  }
);
