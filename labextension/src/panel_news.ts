/** What is to be told of runs while nobody looks at their cards: which have ended, and which wait. Pure: rows, and rows before. */
import type { KnownRun } from './known';

export type Kind = 'success' | 'warning' | 'error' | 'info';

export interface News {
  kind: Kind;
  words: string;
  /** The cell to show. */
  cell: string;
  /** The thread that waits for an answer. */
  asks: string;
  /** The run's id; "" of several. */
  run: string;
}

const LIVE = ['pending', 'running'];
const KINDS: Record<string, Kind> = {
  success: 'success',
  waiting: 'warning',
  error: 'error',
  timeout: 'error'
};
const WORDS: Record<string, string> = { waiting: 'waits for an answer', success: 'has ended: success' };
const FEW = 3;

/**
 * The news between two looks at the runs. `before` is the status of each run then; nothing is news on the first look. Runs that
 * `isInSight` names are no news, nor what was cancelled: somebody did that.
 */
export function newsOf(
  before: Map<string, string> | null,
  rows: KnownRun[],
  isInSight: (row: KnownRun) => boolean
): News[] {
  if (!before) return [];
  const ended = rows.filter(
    ({ id, state }) => LIVE.includes(before.get(id) ?? '') && !LIVE.includes(state) && state !== 'cancelled'
  );
  const news = ended.filter((row) => !isInSight(row));
  return news.length > FEW ? [summary(news)] : news.map(newsOfOne);
}

/** The status of each run, to be held against the next look. */
export const statusesOf = (rows: KnownRun[]): Map<string, string> =>
  new Map(rows.map(({ id, state }) => [id, state]));

function newsOfOne(row: KnownRun): News {
  const { state, cell, thread, word, text } = row;
  const words = `${word} “${text}” ${WORDS[state] ?? `has ended: ${state}`}.`;
  return { kind: KINDS[state] ?? 'info', words, cell, asks: state === 'waiting' ? thread : '', run: row.id };
}

/** Many at once are one piece of news. */
function summary(rows: KnownRun[]): News {
  const counts = new Map<string, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = [...counts].map(([state, count]) => `${count} ${state}`);
  const kind =
    counts.has('error') || counts.has('timeout') ? 'error' : counts.has('waiting') ? 'warning' : 'success';
  return { kind, words: `${rows.length} runs: ${parts.join(', ')}.`, cell: '', asks: '', run: '' };
}
