/**
 * The tree of a widget as it is now: the whole one, then changes to it. Changes that were made to another version than the page has
 * are not applied: the page requests the whole tree. Knows a model's traits; knows no view and no DOM.
 *
 * The model's own `view` is kept up to date in place, so that a notebook which is saved holds the tree of the moment.
 */
import type { AnyModel } from '@anywidget/types';
import { applied } from './changes';
import { Requests } from './requests';
import type { Child } from './tree';

/** What the kernel calls a view: lg_magics/widgets/view.py. */
interface Envelope {
  version?: number;
  at?: number;
  tree?: unknown;
  lost?: unknown;
  name?: string;
}

interface Update {
  base?: number;
  version?: number;
  at?: number;
  changes?: unknown[];
  lost?: unknown;
}

export class TreeSource {
  readonly #model: AnyModel<Record<string, unknown>>;
  #requests: Requests;
  #listeners = new Set<() => void>();
  #received = Date.now();

  constructor(model: AnyModel<Record<string, unknown>>) {
    this.#model = model;
    this.#requests = new Requests((data) => model.send(data));
    model.on('change:view', () => this.#tell());
    model.on('change:newest', () => this.#update());
    model.on('msg:custom', (data: unknown) => this.#requests.receive(data));
    this.#update();
  }

  get tree(): Child {
    return (this.#view.tree ?? '') as Child;
  }

  /** What names the view across a reload of the page. */
  get name(): string {
    return String(this.#view.name ?? '');
  }

  /** How far the kernel's clock is ahead of the page's, in seconds. */
  get ahead(): number {
    return Number(this.#view.at ?? 0) - this.#received / 1000;
  }

  /** Whether there was more to come. */
  get isUnfinished(): boolean {
    return Boolean(this.#view.lost);
  }

  ask(command: string, given: object): Promise<unknown> {
    return this.#requests.ask(command, given);
  }

  /** Call `listener` after each change, until the signal. */
  changed(listener: () => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener));
  }

  get #view(): Envelope {
    return (this.#model.get('view') ?? {}) as Envelope;
  }

  #tell(): void {
    this.#received = Date.now();
    for (const listener of this.#listeners) listener();
  }

  #update(): void {
    const { base, version, at, changes, lost } = (this.#model.get('newest') ?? {}) as Update;
    const view = this.#view;
    if (!Array.isArray(changes) || version === view.version || Number(version) < Number(view.version)) return;
    try {
      if (base !== view.version) throw new Error('another base');
      Object.assign(view, { tree: applied(view.tree, changes), version, at, lost });
      this.#tell();
    } catch {
      void this.#whole();
    }
  }

  async #whole(): Promise<void> {
    try {
      Object.assign(this.#view, (await this.#requests.ask('view')) as Envelope);
      this.#tell();
    } catch {
      // The kernel is gone, and with it what would come next.
    }
  }
}
