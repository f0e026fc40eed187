/** What the page is to know of a kernel that shows more than its panel: counts, runs, and what goes on without it. Types, and how JSON becomes them. */

/** A run, as it is told of. */
export interface KnownRun {
  id: string;
  /** What is typed: `r2`. */
  word: string;
  text: string;
  /** What was asked. */
  title: string;
  /** How long it took; null while it goes on. */
  seconds: number | null;
  /** A cell waits for it, or did when it ended. */
  awaited: boolean;
  state: string;
  /** The notebook's cell that it came from. */
  cell: string;
  thread: string;
}

/** The crons that go on when the kernel ends. `until` is in seconds since the epoch; `line` ends them, or leads there. */
export interface Left {
  crons: { id: string; deployment: string; until: number | null }[];
  line: string;
}

export interface Known {
  connected: boolean;
  live: number;
  waiting: number;
  runs: KnownRun[] | null;
  left: Left;
}

export const NOTHING_KNOWN: Known = knownFrom(null);

/** Any JSON becomes something that can be told; a kernel may be of another version. */
export function knownFrom(json: unknown): Known {
  const { connected, live, waiting, runs, left } = (json ?? {}) as Partial<Known>;
  const crons: unknown[] = Array.isArray(left?.crons) ? left.crons : [];
  return {
    connected: connected === true,
    live: Number(live) || 0,
    waiting: Number(waiting) || 0,
    runs: Array.isArray(runs) ? runs : null,
    left: {
      crons: crons.filter((each): each is Left['crons'][0] => Boolean(each)),
      line: String(left?.line ?? '')
    }
  };
}
