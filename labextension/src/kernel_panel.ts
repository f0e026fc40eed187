/**
 * The panel of a kernel, at the page's end of its comm: its tree, requests, and the facts that JupyterLab shows outside the panel.
 * Knows messages; knows no Jupyter and draws nothing. lg_magics/ipython/panel_comm.py is the other side.
 */
import { TreeSource } from '../runtime/tree_source';

export const TARGET = 'lg_magics:panel';

/** A run, for a notification. */
export interface KnownRun {
  id: string;
  title: string;
  /** How long it took; null while it is live. */
  seconds: number | null;
  /** A cell waits for it, or did when it ended. */
  awaited: boolean;
  state: string;
  cell: string;
  thread: string;
}

/** The crons that outlive the kernel. `until` is in seconds since the epoch; `line` deletes them, or lists them. */
export interface SurvivingCrons {
  crons: { id: string; deployment: string; until: number | null }[];
  line: string;
}

export interface Known {
  connected: boolean;
  live: number;
  waiting: number;
  runs: KnownRun[] | null;
  left: SurvivingCrons;
}

export const NOTHING_KNOWN: Known = knownFrom(null);

/** Read any JSON: a kernel may be of another version. */
export function knownFrom(json: unknown): Known {
  const { connected, live, waiting, runs, left } = (json ?? {}) as Partial<Known>;
  const crons = (Array.isArray(left?.crons) ? left.crons : []).filter(Boolean);
  return {
    connected: connected === true,
    live: Number(live) || 0,
    waiting: Number(waiting) || 0,
    runs: Array.isArray(runs) ? runs : null,
    left: { crons, line: String(left?.line ?? '') }
  };
}

export class KernelPanel {
  readonly source: TreeSource;
  known = NOTHING_KNOWN;
  /** Why there is no tree, in the kernel's words. */
  problem = '';
  #view: unknown;
  #newest: unknown;
  #end!: (problem: Error) => void;
  #ended = new Promise<never>((_, reject) => (this.#end = reject));

  /** `changed` is called for every change but those of the tree, which has listeners of its own. */
  constructor(
    send: (data: object) => void,
    private changed: () => void
  ) {
    this.source = new TreeSource(send, () => this.#view);
    this.#ended.catch(() => undefined);
    void this.#begin();
  }

  /** Whether its tree has come. */
  get isThere(): boolean {
    return this.source.name !== '';
  }

  /** Send a request; the promise ends with the answer, with an error in the kernel's words, or with the kernel. */
  ask(command: string, given: object = {}): Promise<unknown> {
    return Promise.race([this.source.ask(command, given), this.#ended]);
  }

  /** A message from the kernel: any JSON. */
  receive(data: unknown): void {
    const { update, known } = (data ?? {}) as Record<string, unknown>;
    if (update) {
      this.#newest = update;
      if (this.isThere) this.source.update(update);
    } else if (known) this.#setKnown(known);
    else this.source.receive(data);
  }

  /** Reject what is unanswered, for this reason. */
  end(reason: string): void {
    this.#end(new Error(reason));
  }

  async #begin(): Promise<void> {
    try {
      this.#view = await this.ask('view');
      this.#setKnown(await this.ask('known'));
      this.source.notify();
      this.source.update(this.#newest);
    } catch (problem) {
      this.problem = (problem as Error).message;
      this.changed();
    }
  }

  #setKnown(known: unknown): void {
    this.known = knownFrom(known);
    this.changed();
  }
}
