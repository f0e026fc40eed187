/**
 * The panel of a kernel, on the page's side of its comm: its tree, requests, and the facts that JupyterLab shows outside the panel.
 * Knows messages; knows no Jupyter and draws nothing. lg_magics/ipython/panel_comm.py is the other side.
 */
import { TreeSource } from '../runtime/tree_source';

export const TARGET = 'lg_magics:panel';

export interface KnownRun {
  id: string;
  title: string;
  /** Its duration; null while it is live. */
  seconds: number | null;
  /** Whether a cell waits for it, or waited when it ended. */
  awaited: boolean;
  /** Whether the kernel launched it a moment ago: it may have ended before this page has seen it. */
  recent: boolean;
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

/** Read any JSON: a kernel may use another version. */
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
  known = knownFrom(null);
  /** The kernel's reason why there is no tree. */
  problem = '';
  #view: unknown;
  #newest: unknown;

  /** `changed` is called for each change except those of the tree, which has its own listeners. */
  constructor(
    send: (data: object) => void,
    private changed: () => void
  ) {
    this.source = new TreeSource(send, () => this.#view);
    void this.#begin();
  }

  /** Whether its tree has arrived. */
  get isThere(): boolean {
    return this.source.view.name !== undefined;
  }

  ask(command: string, given: object = {}): Promise<unknown> {
    return this.source.ask(command, given);
  }

  /** Handle a message from the kernel, which may be any JSON. */
  receive(data: unknown): void {
    const { update, known } = (data ?? {}) as Record<string, unknown>;
    if (update) {
      this.#newest = update;
      if (this.isThere) this.source.update(update);
    } else if (known) this.#setKnown(known);
    else this.source.receive(data);
  }

  end(reason: string): void {
    this.source.end(reason);
  }

  async #begin(): Promise<void> {
    try {
      const view = await this.ask('view');
      const known = await this.ask('known');
      this.#view = view;
      this.#setKnown(known);
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
