/** The extension's own words pass through JupyterLab's translator, which reorders values as a language needs. */
import { Gettext } from '@jupyterlab/translation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { knownFrom } from '../src/kernel_panel';
import { CronNotice, newsOf, statusesOf } from '../src/notices';
import { barFor, barTree, otherVersion } from '../src/saved_view';
import { trans, translate } from '../src/translation';

const GERMAN = {
  'Finished in %1': ['Fertig nach %1'],
  'Ended as %1 after %2': ['Nach %2 beendet als %1'],
  '%1 run finished': ['%1 Lauf fertig', '%1 Läufe fertig'],
  '%1 failed': ['%1 gescheitert'],
  '%1 cron goes on firing on %2. Once connected again: %3': ['%2: %1 Auftrag. %3', '%2: %1 Aufträge. %3'],
  'The kernel that ran this batch is gone. %1': ['Der Kernel dieses Stapels ist fort. %1'],
  'This is the last that was seen.': ['Das war zuletzt zu sehen.'],
  'Insert cell': ['Zelle einfügen'],
  'A newer version of lg_magics made this: reload the page.': ['Neu laden.']
};
const english = { ...trans };

beforeAll(() => {
  const bundle = new Gettext({ locale: 'de', domain: 'lg_magics' });
  const headers = { domain: 'lg_magics', language: 'de', pluralForms: 'nplurals=2; plural=(n != 1);' };
  bundle.loadJSON({ '': headers, ...GERMAN } as never, 'lg_magics');
  translate({ load: () => bundle } as never);
});
afterAll(() => void Object.assign(trans, english));

const rows = (...states: string[]) =>
  knownFrom({
    runs: states.map((state, place) => ({
      id: `r${place}`,
      title: '',
      seconds: 3,
      awaited: false,
      state,
      cell: '',
      thread: ''
    }))
  }).runs!;
const before = (count: number) => statusesOf(rows(...Array.from({ length: count }, () => 'running')));
const said = (...states: string[]) =>
  newsOf(before(states.length), rows(...states), () => false).map(({ words }) => words);

it('notifications are translated, with plurals and values in another order', () => {
  expect(said('success')[0]).toMatch(/^Fertig nach 3/);
  expect(said('deleted')[0]).toMatch(/^Nach 3.* beendet als deleted$/);
  expect(said('success', 'success', 'success', 'error')).toEqual(['3 Läufe fertig, 1 gescheitert']);
  const crons = ['a', 'b'].map((id) => ({ id, deployment: 'local', until: null }));
  expect(new CronNotice().of({ crons, line: '%lg_crons' }, 'x', 0)!.words).toBe('x: local: 2 Aufträge. %lg_crons');
});

it('what stands below a saved view is translated', () => {
  const bar = barFor({ protocol: 1, tree: [], lost: { command: 'retry', ids: ['b1'] } }, 'gone');
  expect(bar.words).toBe('Der Kernel dieses Stapels ist fort. Das war zuletzt zu sehen.');
  expect(JSON.stringify(barTree(bar))).toContain('Zelle einfügen');
  expect(otherVersion({ protocol: 99 })).toBe('Neu laden.');
});

it('a text without a translation stays English', () => {
  expect(trans.__('Reattach')).toBe('Reattach');
});
