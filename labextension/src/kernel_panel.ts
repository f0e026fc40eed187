/**
 * The panel of a kernel, at the other end of its comm: its tree, what the page is to know besides, and requests. Knows messages; knows
 * no Jupyter and draws nothing. lg_magics/ipython/panel_comm.py is the other side.
 */
import { TreeSource } from '../runtime/tree_source';
import { type Known, knownFrom, NOTHING_KNOWN } from './known';

export const TARGET = 'lg_magics:panel';

type Listener = (data?: unknown) => void;

/** A comm, as a tree has a model: what it holds, and who listens. */
class CommModel {
  readonly held: Record<string, unknown> = { view: {}, newest: {} };
  #listeners: [string, Listener][] = [];

  constructor(readonly send: (data: object) => void) {}

  get = (name: string) => this.held[name];
  on = (name: string, listener: Listener) => void this.#listeners.push([name, listener]);
  emit(name: string, data?: unknown): void {
    for (const [other, listener] of this.#listeners) if (other === name) listener(data);
  }
}

export class KernelPanel {
  readonly source: TreeSource;
  known: Known = NOTHING_KNOWN;
  /** Why there is no tree, in the kernel's words. */
  problem = '';
  #model: CommModel;
  #end!: (problem: Error) => void;
  #ended = new Promise<never>((_, reject) => (this.#end = reject));

  /** `changed` is called whenever something is known that was not, but for the tree, which has listeners of its own. */
  constructor(
    send: (data: object) => void,
    private changed: () => void
  ) {
    this.#model = new CommModel(send);
    this.source = new TreeSource(this.#model as never);
    this.#ended.catch(() => undefined);
    void this.#begin();
  }

  /** Whether its tree has come. */
  get isThere(): boolean {
    return this.source.name !== '';
  }

  /** Ask; the promise ends with the answer, with an error in the kernel's words, or with the kernel. */
  ask(command: string, given: object = {}): Promise<unknown> {
    return Promise.race([this.source.ask(command, given), this.#ended]);
  }

  /** A message from the kernel: any JSON. */
  receive(data: unknown): void {
    const { update, known } = (data ?? {}) as Record<string, unknown>;
    if (update) {
      this.#model.held.newest = update;
      if (this.isThere) this.#model.emit('change:newest');
    } else if (known) this.#know(known);
    else this.#model.emit('msg:custom', data);
  }

  /** Nothing more will be answered, for this reason. */
  end(reason: string): void {
    this.#end(new Error(reason));
  }

  async #begin(): Promise<void> {
    try {
      this.#model.held.view = await this.ask('view');
      this.#know(await this.ask('known'));
      this.#model.emit('change:view');
    } catch (problem) {
      this.problem = (problem as Error).message;
      this.changed();
    }
  }

  #know(known: unknown): void {
    this.known = knownFrom(known);
    this.changed();
  }
}
