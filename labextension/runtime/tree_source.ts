/**
 * The current tree of a view, and requests to its kernel. The kernel sends the whole tree once, and then changes. If a change is based
 * on another version, the page requests the whole tree. Each request gets a response, or an error when the kernel ends. Knows messages;
 * knows no view and no DOM. lg_magics/live/ is the other side.
 */
import type { Child } from './tree';

export const PROTOCOL = 1;
const FIRST_CHILD = 2;

/** A whole view; or an update, which has `base` and `changes` instead of the tree. Any field may be missing. */
interface Envelope {
  version?: number;
  at?: number;
  tree?: unknown;
  lost?: unknown;
  name?: string;
  base?: number;
  changes?: unknown[];
}

export class TreeSource {
  #listeners = new Set<() => void>();
  #received = Date.now();
  /** What a response does, by the id of its request. */
  #pending = new Map<string, (response: Record<string, unknown>) => void>();
  /** Why no response arrives any more. */
  #ended = '';
  #count = 0;
  /** Several pages may share a comm. */
  #prefix = Math.random().toString(36).slice(2, 10);

  /** `view` returns the whole view, which is updated in place, so that a saved notebook has the current tree. */
  constructor(
    private send: (data: object) => void,
    private given: () => unknown
  ) {}

  /** Its `name` survives a reload of the page; it could still change while it has `lost`. */
  get view(): Envelope {
    return (this.given() ?? {}) as Envelope;
  }

  get tree(): Child {
    return (this.view.tree ?? '') as Child;
  }

  /** How far the kernel's clock is ahead of the page's, in seconds. */
  get ahead(): number {
    return Number(this.view.at ?? 0) - this.#received / 1000;
  }

  /** Call `listener` after each change, until the signal. */
  changed(listener: () => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener));
  }

  /** Notify the listeners that the view was replaced. */
  notify = (): void => {
    this.#received = Date.now();
    for (const listener of this.#listeners) listener();
  };

  /** Apply changes: any JSON. */
  update(data: unknown): void {
    const { base, version, at, changes, lost } = (data ?? {}) as Envelope;
    const view = this.view;
    if (!Array.isArray(changes) || version === view.version || Number(version) < Number(view.version)) return;
    try {
      if (base !== view.version) throw new Error('another base');
      this.#set({ tree: applied(view.tree, changes), version, at, lost });
    } catch {
      // If the kernel has ended, no response arrives.
      const replace = (whole: unknown) => this.#set(whole as Envelope);
      this.ask('view').then(replace, () => {});
    }
  }

  #set(changes: Envelope): void {
    if (changes.name === this.view.name && changes.version! < this.view.version!) return; // an older whole
    Object.assign(this.view, changes);
    this.notify();
  }

  /** Send a request. The promise resolves with the result, or rejects with the kernel's message. */
  ask(command: string, given: object = {}): Promise<unknown> {
    const id = `${this.#prefix}-${++this.#count}`;
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended) return reject(new Error(this.#ended));
      this.#pending.set(id, ({ ok, result, error }) => (ok === true ? resolve(result) : reject(errorFrom(error))));
      try {
        this.send({ id, protocol: PROTOCOL, command, arguments: given });
      } catch {
        this.receive({ id, error: { message: 'The kernel could not be reached.' } });
      }
    });
  }

  /** Settle the request that a message from the kernel responds to. The message may be any JSON. */
  receive(data: unknown): void {
    const response = (data ?? {}) as Record<string, unknown>;
    const id = response.id as string;
    this.#pending.get(id)?.(response);
    this.#pending.delete(id);
  }

  /** Reject all requests, now and from now on, with this reason. */
  end(reason: string): void {
    this.#ended = reason;
    for (const id of [...this.#pending.keys()]) this.receive({ id, error: { message: reason } });
  }
}

function errorFrom(error: unknown): Error {
  const { message, hint } = (error ?? {}) as Record<string, unknown>;
  const words = [message, hint].filter((each) => each && typeof each === 'string').join(' ');
  return new Error(words || 'The kernel did not say what went wrong.');
}

/**
 * Return the tree after these changes (lg_magics/live/changes.py). Nodes on the path of a change are copied; all others stay the same
 * objects, so that drawing can skip them. Throws if a change does not fit.
 */
export function applied(tree: unknown, changes: readonly unknown[]): unknown {
  return changes.reduce<unknown>((before, change) => {
    const [name, path, ...rest] = list(change) as [string, number[], ...unknown[]];
    return edited(before, path, 0, (old) => {
      if (name === 'replace') return rest[0];
      if (name === 'text') return String(old) + String(rest[0]);
      const node = [...list(old)];
      const place = Number(rest[0]) + FIRST_CHILD;
      if (name === 'set') node[1] = rest[0];
      else if (name === 'insert') node.splice(place, 0, rest[1]);
      else if (name === 'remove') node.splice(place, 1);
      else if (name === 'move') node.splice(Number(rest[1]) + FIRST_CHILD, 0, ...node.splice(place, 1));
      else throw new Error(name);
      return node;
    });
  }, tree);
}

/** Return the tree with `edit` applied to the part at `path`. */
function edited(tree: unknown, path: readonly number[], depth: number, edit: (old: unknown) => unknown): unknown {
  if (depth === path.length) return edit(tree);
  const node = [...list(tree)];
  const place = path[depth]! + FIRST_CHILD;
  if (!(place < node.length)) throw new Error('child');
  node[place] = edited(node[place], path, depth + 1, edit);
  return node;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('list');
  return value;
}
