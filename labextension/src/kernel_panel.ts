/**
 * The panel of a kernel, on the page's side of its comm: its tree, requests, and the facts that JupyterLab shows outside the panel.
 * Knows messages; knows no Jupyter and draws nothing. lg_magics/ipython/panel_comm.py is the other side.
 */
import { TreeSource } from '../runtime/tree_source';

export const TARGET = 'lg_magics:panel';

/** Crons that outlive the kernel, until some moment in seconds since the epoch. `line` deletes them, or lists them. */
export interface SurvivingCrons {
  ids: string[];
  until: number | null;
  words: string;
  line: string;
}

export interface Known {
  connected: boolean;
  live: number;
  waiting: number;
  left: SurvivingCrons[];
}

/** Read any JSON: a kernel may use another version. */
export function knownFrom(json: unknown): Known {
  const { connected, live, waiting, left } = (json ?? {}) as Partial<Known>;
  return { connected: connected === true, live: Number(live) || 0, waiting: Number(waiting) || 0, left: list(left) };
}

/** A run that has ended, or that waits for a person: then `leads` names what to open in the panel, section and row. */
export interface RunNews {
  id: string;
  kind: 'success' | 'warning' | 'error' | 'info';
  words: string;
  about: string;
  cell: string;
  leads: string[];
}

/** What happened to runs since the last message; `answered` are the ids of those that wait no more. */
export interface News {
  runs: RunNews[];
  answered: string[];
}

const list = <T>(json?: T[]): T[] => (Array.isArray(json) ? json.filter(Boolean) : []);

export class KernelPanel {
  readonly source: TreeSource;
  /** null until the kernel has sent it. */
  known: Known | null = null;
  /** The kernel's reason why there is no tree. */
  problem = '';
  #view: unknown;
  #newest: unknown;

  /** `changed` is called for each change except those of the tree, which has its own listeners. */
  constructor(
    send: (data: object) => void,
    private changed: () => void,
    private happened: (news: News) => void
  ) {
    this.source = new TreeSource(send, () => this.#view);
    void this.#begin();
  }

  /** Whether its tree has arrived. */
  get isThere(): boolean {
    return this.source.view.name !== undefined;
  }

  /** Handle a message from the kernel, which may be any JSON. */
  receive(data: unknown): void {
    const { update, known, news } = (data ?? {}) as Record<string, unknown>;
    if (update) {
      this.#newest = update;
      if (this.isThere) this.source.update(update);
    } else if (known) this.#setKnown(known);
    else if (news) {
      const { runs, answered } = news as Partial<News>;
      this.happened({ runs: list(runs), answered: list(answered) });
    } else this.source.receive(data);
  }

  async #begin(): Promise<void> {
    try {
      const view = await this.source.ask('view');
      const known = await this.source.ask('known');
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
