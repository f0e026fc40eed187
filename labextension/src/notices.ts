/** The words of notifications: of runs that end or wait for a person, and of crons that outlive their kernel. Pure. */
import { duration } from '../runtime/text';
import type { KnownRun, SurvivingCrons } from './kernel_panel';
import { trans } from './translation';

type Kind = 'success' | 'warning' | 'error' | 'info';

export interface News {
  kind: Kind;
  words: string;
  /** Of one run: its input, its cell, its id, and its thread if that waits for an answer. */
  about?: string;
  cell?: string;
  run?: string;
  asks?: string;
}

const LIVE = ['pending', 'running'];
const KINDS: Record<string, Kind> = { success: 'success', waiting: 'warning', error: 'error', timeout: 'error' };
const FEW_RUNS = 3;

/**
 * The notifications for the changes between two states of the runs; none if there are no earlier statuses. A recent run that is not
 * there has lived in between. Cancelled runs make none, nor do runs that a cell waited for, nor those whose card `isInSight`.
 */
export function newsOf(
  before: Map<string, string> | null,
  runs: KnownRun[],
  isInSight: (run: KnownRun) => boolean
): News[] {
  const wasLive = ({ id, recent }: KnownRun) => LIVE.includes(before?.get(id) ?? (before && recent ? 'running' : ''));
  const isNews = ({ state, awaited }: KnownRun) => ![...LIVE, 'cancelled'].includes(state) && !awaited;
  const news = runs.filter((run) => wasLive(run) && isNews(run) && !isInSight(run));
  return news.length > FEW_RUNS ? [summary(news)] : news.map(newsOfOne);
}

/** The last status of each run that was ever among `runs`, to compare with the next state: the panel sends only the newest runs. */
export const statusesOf = (runs: KnownRun[], earlier: Iterable<[string, string]> = []) =>
  new Map([...earlier, ...runs.map(({ id, state }): [string, string] => [id, state])]);

function newsOfOne({ state, cell, thread, title, id, seconds }: KnownRun): News {
  const took = typeof seconds === 'number' ? duration(seconds) : '';
  const asks = state === 'waiting' ? thread : undefined;
  const about = title && `“${title}”`;
  return { kind: KINDS[state] ?? 'info', words: endOf(state, took), about, cell, run: id, asks };
}

/** The outcome of a run, in whole sentences, since the order of words depends on the language. */
function endOf(state: string, took: string): string {
  if (state === 'waiting') return trans.__('Waiting for you');
  if (state === 'success') return took ? trans.__('Finished in %1', took) : trans.__('Finished');
  if (state === 'error') return took ? trans.__('Failed after %1', took) : trans.__('Failed');
  if (state === 'timeout')
    return took ? trans.__('Stopped at its time limit after %1', took) : trans.__('Stopped at its time limit');
  return took ? trans.__('Ended as %1 after %2', state, took) : trans.__('Ended as %1', state);
}

function summary(runs: KnownRun[]): News {
  const count = (kind: string) => runs.filter(({ state }) => KINDS[state] === kind).length;
  const [failed, waiting] = [count('error'), count('warning')];
  const finished = runs.length - failed - waiting;
  const counts = [
    finished && trans._n('%1 run finished', '%1 runs finished', finished),
    failed && trans.__('%1 failed', failed),
    waiting && trans.__('%1 waiting for you', waiting)
  ];
  const words = counts.filter(Boolean).join(', ');
  return { kind: failed ? 'error' : waiting ? 'warning' : 'success', words };
}

/** Shorten it as JupyterLab would. */
const LONGEST = 140;
const LONGEST_NAME = 24;
const SHORTEST_TITLE = 12;
const FEW_PLACES = 2;

/** Reports each cron once, also if several notebooks show one kernel. */
export class CronNotice {
  private named = new Set<string>();

  /** The warning and its line; null if no cron fires after `now`, or all of them were reported. */
  of({ crons, line }: SurvivingCrons, title: string, now: number): { words: string; line: string } | null {
    const left = crons.filter(({ until }) => until === null || until * 1000 > now);
    if (left.every(({ id }) => this.named.has(id))) return null;
    for (const { id } of left) this.named.add(id);
    const words = trans._n(
      '%1 cron goes on firing on %2. Once connected again: %3',
      '%1 crons go on firing on %2. Once connected again: %3',
      left.length,
      places(left),
      line
    );
    const space = LONGEST - words.length - 2;
    return { words: space < SHORTEST_TITLE ? words : `${cut(title, space)}: ${words}`, line };
  }
}

/** `local`, or `local (2), prod (1)`: the deployments with the most of them first. */
function places(crons: SurvivingCrons['crons']): string {
  const counts = new Map<string, number>();
  for (const { deployment } of crons) counts.set(deployment, (counts.get(deployment) ?? 0) + 1);
  const most = [...counts].sort(([, one], [, other]) => other - one);
  if (most.length === 1) return cut(most[0]![0], LONGEST_NAME);
  const named = most.slice(0, FEW_PLACES).map(([name, count]) => `${cut(name, LONGEST_NAME)} (${count})`);
  return most.length > FEW_PLACES
    ? trans.__('%1 and %2 more', named.join(', '), most.length - FEW_PLACES)
    : named.join(', ');
}

const cut = (text: string, longest: number) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
