/** What is to be told of runs while nobody looks at their cards: which have ended, and which wait. Pure: rows, and rows before. */
import { duration } from '../runtime/duration';
import type { KnownRun } from './known';

export type Kind = 'success' | 'warning' | 'error' | 'info';

export interface News {
  kind: Kind;
  words: string;
  /** What was asked; "" of several. */
  about: string;
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
const WORDS: Record<string, string> = { error: 'Failed', timeout: 'Stopped at its time limit' };
const FEW = 3;

/**
 * The news between two looks at the runs. `before` is the status of each run then; nothing is news on the first look. Runs that
 * `isInSight` names are no news, nor those that a cell waited for, nor what was cancelled: somebody did that.
 */
export function newsOf(
  before: Map<string, string> | null,
  rows: KnownRun[],
  isInSight: (row: KnownRun) => boolean
): News[] {
  if (!before) return [];
  const ended = rows.filter(
    ({ id, state, awaited }) =>
      LIVE.includes(before.get(id) ?? '') && !LIVE.includes(state) && state !== 'cancelled' && !awaited
  );
  const news = ended.filter((row) => !isInSight(row));
  return news.length > FEW ? [summary(news)] : news.map(newsOfOne);
}

/** The status of each run, to be held against the next look. */
export const statusesOf = (rows: KnownRun[]): Map<string, string> =>
  new Map(rows.map(({ id, state }) => [id, state]));

function newsOfOne(row: KnownRun): News {
  const { state, cell, thread, title, id } = row;
  const isAsking = state === 'waiting';
  return {
    kind: KINDS[state] ?? 'info',
    words: isAsking ? 'Waiting for you' : endOf(row),
    about: title && `“${title}”`,
    cell,
    asks: isAsking ? thread : '',
    run: id
  };
}

function endOf({ state, seconds }: KnownRun): string {
  const took = typeof seconds === 'number' ? duration(seconds) : '';
  if (state === 'success') return took ? `Finished in ${took}` : 'Finished';
  return `${WORDS[state] ?? `Ended as ${state}`}${took && ` after ${took}`}`;
}

/** Many at once are one piece of news. */
function summary(rows: KnownRun[]): News {
  const counted = (...states: string[]) => rows.filter(({ state }) => states.includes(state)).length;
  const failed = counted('error', 'timeout');
  const waiting = counted('waiting');
  const parts = [
    [rows.length - failed - waiting, 'runs finished'],
    [failed, 'failed'],
    [waiting, 'waiting for you']
  ] as const;
  const said = parts.filter(([count]) => count).map(([count, words]) => `${count} ${words}`);
  const words = said.join(', ').replace(/^1 runs/, '1 run');
  return {
    kind: failed ? 'error' : waiting ? 'warning' : 'success',
    words,
    about: '',
    cell: '',
    asks: '',
    run: ''
  };
}
