/** The words of notifications that depend on the page: of several runs at once, and of crons that outlive their kernel. Pure. */
import type { RunNews, SurvivingCrons } from './kernel_panel';
import { trans } from './translation';

/** One notification for several runs. */
export function summary(runs: RunNews[]): RunNews {
  const count = (kind: string) => runs.filter((run) => run.kind === kind).length;
  const [failed, waiting] = [count('error'), count('warning')];
  const finished = runs.length - failed - waiting;
  const counts = [
    finished && trans._n('%1 run finished', '%1 runs finished', finished),
    failed && trans.__('%1 failed', failed),
    waiting && trans.__('%1 waiting for you', waiting)
  ];
  const words = counts.filter(Boolean).join(', ');
  return { id: '', kind: failed ? 'error' : waiting ? 'warning' : 'success', words, about: '', cell: '', leads: [] };
}

/** JupyterLab cuts a longer one. */
const LONGEST = 140;
const SHORTEST_TITLE = 12;

/** Reports each cron once, also if several notebooks show one kernel. */
export class CronNotice {
  private named = new Set<string>();

  /** The warning and its line; null if no cron fires after `now`, or all of them were reported. */
  of(crons: SurvivingCrons[], title: string, now: number): { words: string; line: string } | null {
    const left = crons.filter(({ until }) => until === null || until * 1000 > now);
    const ids = left.flatMap(({ ids }) => ids);
    if (ids.every((id) => this.named.has(id))) return null;
    for (const id of ids) this.named.add(id);
    const { words, line } = left[0]!;
    const space = LONGEST - words.length - 2;
    return { words: space < SHORTEST_TITLE ? words : `${cut(title, space)}: ${words}`, line };
  }
}

const cut = (text: string, longest: number) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
