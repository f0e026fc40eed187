/** Several runs that end at once are one notification. */
import { expect, it } from 'vitest';
import type { RunNews } from '../src/kernel_panel';
import { summary } from '../src/notices';

const news = (...kinds: RunNews['kind'][]) =>
  kinds.map((kind, place) => ({ id: `r${place}`, kind, words: 'x', about: 'y', cell: 'c', leads: ['s', 't'] }));

it.each<[RunNews['kind'], string, RunNews['kind'][]]>([
  ['error', '3 runs finished, 1 failed, 1 waiting for you', ['success', 'success', 'error', 'info', 'warning']],
  ['warning', '1 run finished, 3 waiting for you', ['success', 'warning', 'warning', 'warning']],
  ['success', '4 runs finished', ['success', 'success', 'success', 'success']],
  ['error', '4 failed', ['error', 'error', 'error', 'error']]
])('%s: %s', (kind, words, kinds) => {
  expect(summary(news(...kinds))).toEqual({ id: '', kind, words, about: '', cell: '', leads: [] });
});
