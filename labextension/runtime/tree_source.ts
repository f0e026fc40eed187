/**
 * The tree of a view as it is now, and requests to its kernel. First comes the whole tree, then changes to it; changes to another
 * version than the page has are not applied: the page requests the whole tree. Every request is answered, refused, or ends with the
 * kernel. Knows messages; knows no view and no DOM. lg_magics/live/ is the other side.
 */
import type { Child } from './tree';

export const PROTOCOL = 1;
const FIRST_CHILD = 2;

type Json = unknown;

/** A view as the kernel sends it whole; an update has `base` and `changes` in place of the tree. Any of it may be missing. */
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

  /** `view` returns the whole view, which is kept up to date in place: a notebook that is saved holds the tree of the moment. */
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

  /** Call `listener` after each change, until the signal. */
  changed(listener: () => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener));
  }

  /** Notify the listeners: the view is another one. */
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
      // If the kernel is gone, so is what would come next.
      const replace = (whole: Json) => {
        Object.assign(this.#view, whole);
        this.notify();
      };
      this.ask('view').then(replace, () => {});
    }
  }

  /** Send a request; the promise ends with the response, or with an error in the kernel's words. */
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

  /** A message from the kernel, any JSON: settle the request that it answers. */
  receive(data: Json): void {
    const { id, ok, result, error } = (data ?? {}) as Record<string, Json>;
    const pending = this.#pending.get(id as string);
    if (!pending) return;
    this.#pending.delete(id as string);
    if (ok === true) pending.resolve(result);
    else pending.reject(errorFrom(error));
  }
}

/** What the kernel says of a request that failed, and of what to do about it. */
function errorFrom(error: Json): Error {
  const { message, hint } = (error ?? {}) as Record<string, Json>;
  const words = [message, hint].filter((each) => each && typeof each === 'string').join(' ');
  return new Error(words || 'The kernel did not say what went wrong.');
}

/**
 * The tree after these changes (lg_magics/live/changes.py). A tree is never edited: what a change passes on its way is a new list, all
 * else is the same object, so that what is the same can be skipped. Throws if a change does not fit.
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

/** The tree with what `edit` makes of the part at `path`. */
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
