/**
 * The current tree of a view, and requests to its kernel. The kernel sends the whole tree once, and then changes. If a change is based
 * on another version, the page requests the whole tree. Each request gets a response, or an error when the kernel ends. Knows messages;
 * knows no view and no DOM. lg_magics/live/ is the other side.
 */
import type { Child } from './tree';

export const PROTOCOL = 1;
const FIRST_CHILD = 2;

type Json = unknown;

/** A whole view; an update has `base` and `changes` instead of the tree. Any field may be missing. */
interface Envelope {
  version?: number;
  at?: number;
  tree?: Json;
  lost?: Json;
  name?: string;
}

interface Update extends Envelope {
  base?: number;
  changes?: Json[];
}

interface Pending {
  resolve(result: Json): void;
  reject(problem: Error): void;
}

export class TreeSource {
  #listeners = new Set<() => void>();
  #received = Date.now();
  #pending = new Map<string, Pending>();
  #count = 0;
  /** Several pages may share a comm. */
  #prefix = Math.random().toString(36).slice(2, 10);

  /** `view` returns the whole view, which is updated in place, so that a saved notebook has the current tree. */
  constructor(
    private send: (data: object) => void,
    private given: () => unknown
  ) {}

  get #view(): Envelope {
    return (this.given() ?? {}) as Envelope;
  }

  get tree(): Child {
    return (this.#view.tree ?? '') as Child;
  }

  /** The name of the view, which survives a reload of the page. */
  get name(): string {
    return String(this.#view.name ?? '');
  }

  /** How far the kernel's clock is ahead of the page's, in seconds. */
  get ahead(): number {
    return Number(this.#view.at ?? 0) - this.#received / 1000;
  }

  /** Whether the view could still change. */
  get isUnfinished(): boolean {
    return Boolean(this.#view.lost);
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
  update(data: Json): void {
    const { base, version, at, changes, lost } = (data ?? {}) as Update;
    const view = this.#view;
    if (!Array.isArray(changes) || version === view.version || Number(version) < Number(view.version)) return;
    try {
      if (base !== view.version) throw new Error('another base');
      Object.assign(view, { tree: applied(view.tree, changes), version, at, lost });
      this.notify();
    } catch {
      // If the kernel has ended, no response arrives.
      const replace = (whole: Json) => {
        Object.assign(this.#view, whole);
        this.notify();
      };
      this.ask('view').then(replace, () => {});
    }
  }

  /** Send a request. The promise resolves with the result, or rejects with the kernel's message. */
  ask(command: string, given: object = {}): Promise<Json> {
    const id = `${this.#prefix}-${++this.#count}`;
    return new Promise<Json>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      try {
        this.send({ id, protocol: PROTOCOL, command, arguments: given });
      } catch {
        this.#pending.delete(id);
        reject(new Error('The kernel could not be reached.'));
      }
    });
  }

  /** Settle the request that a message from the kernel responds to. The message may be any JSON. */
  receive(data: Json): void {
    const { id, ok, result, error } = (data ?? {}) as Record<string, Json>;
    const pending = this.#pending.get(id as string);
    if (!pending) return;
    this.#pending.delete(id as string);
    if (ok === true) pending.resolve(result);
    else pending.reject(errorFrom(error));
  }
}

/** The error of a failed request: its message and its hint. */
function errorFrom(error: Json): Error {
  const { message, hint } = (error ?? {}) as Record<string, Json>;
  const words = [message, hint].filter((each) => each && typeof each === 'string').join(' ');
  return new Error(words || 'The kernel did not say what went wrong.');
}

/**
 * Return the tree after these changes (lg_magics/live/changes.py). Nodes on the path of a change are copied; all others stay the same
 * objects, so that drawing can skip them. Throws if a change does not fit.
 */
export function applied(tree: Json, changes: readonly Json[]): Json {
  return changes.reduce<Json>((before, change) => {
    const [name, path, ...rest] = list(change) as [string, number[], ...Json[]];
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
function edited(tree: Json, path: readonly number[], depth: number, edit: (old: Json) => Json): Json {
  if (depth === path.length) return edit(tree);
  const node = [...list(tree)];
  const place = path[depth]! + FIRST_CHILD;
  if (!(place < node.length)) throw new Error('child');
  node[place] = edited(node[place], path, depth + 1, edit);
  return node;
}

function list(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new Error('list');
  return value;
}
