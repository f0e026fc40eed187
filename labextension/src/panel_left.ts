/** What is to be said when a kernel ends whose crons go on: how many, where, and what ends them. Pure: crons, a time, a title. */
import type { Left } from './known';

/** JupyterLab cuts a longer notification. */
const LONGEST = 140;
const LONGEST_NAME = 24;
const SHORTEST_TITLE = 12;
const FEW = 2;

/** Crons that were told of once are told of no more: several notebooks may show one kernel. */
export class Farewell {
  private told = new Set<string>();

  /** The warning, and the line that it names; null if nothing goes on after `now`, or all of it was told. */
  of({ crons, line }: Left, title: string, now: number): { words: string; line: string } | null {
    const left = crons.filter(({ until }) => until === null || until * 1000 > now);
    if (left.every(({ id }) => this.told.has(id))) return null;
    for (const { id } of left) this.told.add(id);
    const go = left.length === 1 ? '1 cron goes on' : `${left.length} crons go on`;
    const words = `${go} firing on ${places(left)}. Once connected again: ${line}`;
    const room = LONGEST - words.length - 2;
    return { words: room < SHORTEST_TITLE ? words : `${cut(title, room)}: ${words}`, line };
  }
}

/** `local`, or `local (2), prod (1)`: the deployments with the most of them first. */
function places(crons: Left['crons']): string {
  const counts = new Map<string, number>();
  for (const { deployment } of crons) counts.set(deployment, (counts.get(deployment) ?? 0) + 1);
  const most = [...counts].sort(([, one], [, other]) => other - one);
  if (most.length === 1) return cut(most[0]![0], LONGEST_NAME);
  const named = most.slice(0, FEW).map(([name, count]) => `${cut(name, LONGEST_NAME)} (${count})`);
  const others = most.length - FEW;
  return `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
