/** The extension's own words pass through JupyterLab's translator, which reorders values as a language needs. */
import { Gettext } from '@jupyterlab/translation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { summary } from '../src/notices';
import { barFor, barTree, otherVersion } from '../src/saved_view';
import { trans, translate } from '../src/translation';

const GERMAN = {
  '%1 run finished': ['%1 Lauf fertig', '%1 Läufe fertig'],
  '%1 failed': ['%1 gescheitert'],
  'The kernel that ran this batch is gone. %1': ['%1 Der Kernel dieses Stapels ist fort.'],
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

it('notifications are translated, with plurals', () => {
  const run = { id: '', words: '', about: '', cell: '', leads: [] };
  const said = (...kinds: ('success' | 'error')[]) => summary(kinds.map((kind) => ({ ...run, kind }))).words;
  expect(said('success', 'success', 'success', 'error')).toEqual('3 Läufe fertig, 1 gescheitert');
  expect(said('success', 'error')).toEqual('1 Lauf fertig, 1 gescheitert');
});

it('what stands below a saved view is translated, with values in another order', () => {
  const bar = barFor({ protocol: 1, tree: [], lost: { command: 'retry', ids: ['b1'] } }, 'gone');
  expect(bar.words).toBe('Das war zuletzt zu sehen. Der Kernel dieses Stapels ist fort.');
  expect(JSON.stringify(barTree(bar))).toContain('Zelle einfügen');
  expect(otherVersion({ protocol: 99 })).toBe('Neu laden.');
});

it('a text without a translation stays English', () => {
  expect(trans.__('Reattach')).toBe('Reattach');
});
