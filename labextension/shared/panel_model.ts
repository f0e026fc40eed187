/**
 * What a kernel's panel knows now, and what is asked for to keep it true: only what somebody looks at, only when the kernel
 * says that it has changed, and not too often. Knows the conversation; knows no page and no Jupyter.
 */
import {
  type Deployment,
  deploymentFrom,
  type Left,
  leftFrom,
  type ListName,
  LISTS,
  type Name,
  type Section,
  sectionFrom
} from './panel';
import { Refusal, Talk } from './panel_talk';

export const FEW = 30;
export const MANY = 1_000;
const NAMES: readonly string[] = ['deployment', 'left', ...LISTS];
/** What the session knows by itself, without a deployment. */
const OWN: readonly Name[] = ['deployment', 'runs', 'left'];
/** Shortest time between two looks, in ms: what the session knows by itself costs nothing. */
const GAP_OF_OWN = 200;
const GAP = 1_000;
const GAP_OF_MANY = 3_000;

interface Looking {
  stale: boolean;
  asking: boolean;
  began: number;
  timer?: ReturnType<typeof setTimeout>;
}

export class PanelModel {
  readonly talk: Talk;
  deployment: Deployment | null = null;
  /** What goes on when the kernel ends, as far as that was asked for. */
  left: Left = { crons: [], line: '' };
  readonly sections = new Map<ListName, Section>();
  readonly failures = new Map<Name, string>();
  /** When a section came, a time of `performance.now`. */
  readonly came = new Map<Name, number>();
  /** What to do about another version; '' if it is the same. */
  otherVersion = '';
  isSlow = false;
  private looking = new Map<Name, Looking>();
  private limits = new Map<Name, number>();
  private wanted = new Set<Name>();
  private ended = false;

  /** `changed` is called whenever something is known that was not; `always` is wanted whatever else is. */
  constructor(
    send: (data: object) => void,
    private changed: () => void,
    private always: readonly Name[] = []
  ) {
    this.talk = new Talk(send, {
      changed: (sections) => this.stale(sections),
      slow: (isSlow) => {
        this.isSlow = isSlow;
        if (!this.ended) this.changed();
      }
    });
    void this.talk.ask('hello').catch((problem: Refusal) => this.fail(problem));
  }

  get isConnected(): boolean {
    return this.deployment?.connected === true;
  }

  /** Keep these true from now on, and no others. */
  want(names: Iterable<Name>): void {
    this.wanted = new Set([...names, ...this.always]);
    for (const name of this.wanted) this.look(name);
  }

  /** These are not what they were. */
  stale(names: Iterable<string>): void {
    for (const name of names) {
      if (!NAMES.includes(name)) continue;
      this.state(name as Name).stale = true;
      this.look(name as Name);
    }
  }

  /** Look at all of it anew. */
  refresh(): void {
    for (const name of NAMES as Name[]) this.state(name).began = 0;
    this.stale(NAMES);
  }

  /** List up to so many. */
  list(name: ListName, limit: number): void {
    if (limit <= this.limitOf(name)) return;
    this.limits.set(name, limit);
    this.state(name).began = 0;
    this.stale([name]);
  }

  limitOf(name: Name): number {
    return this.limits.get(name) ?? FEW;
  }

  isLookingAt(name: Name): boolean {
    return this.state(name).asking;
  }

  end(reason: string): void {
    this.ended = true;
    for (const { timer } of this.looking.values()) clearTimeout(timer);
    this.talk.end(reason);
  }

  private state(name: Name): Looking {
    const found = this.looking.get(name) ?? { stale: true, asking: false, began: -Infinity };
    this.looking.set(name, found);
    return found;
  }

  /** Ask for a section, if it is wanted and not known, at once or when it is time. */
  private look(name: Name): void {
    const state = this.state(name);
    if (this.ended || !this.wanted.has(name) || !state.stale || state.asking) return;
    if (!OWN.includes(name) && !this.isConnected) return;
    clearTimeout(state.timer);
    const wait = state.began + this.gap(name) - Date.now();
    if (wait > 0) state.timer = setTimeout(() => this.look(name), wait);
    else void this.ask(name, state);
  }

  private gap(name: Name): number {
    if (this.limitOf(name) > FEW) return GAP_OF_MANY;
    return OWN.includes(name) ? GAP_OF_OWN : GAP;
  }

  private async ask(name: Name, state: Looking): Promise<void> {
    Object.assign(state, { stale: false, asking: true, began: Date.now() });
    try {
      this.take(name, await this.talk.ask('section', { name, limit: this.limitOf(name) }));
    } catch (problem) {
      this.failures.set(name, (problem as Refusal).words);
      this.fail(problem as Refusal);
    }
    state.asking = false;
    if (this.ended) return;
    this.changed();
    this.look(name);
  }

  private take(name: Name, json: unknown): void {
    this.failures.delete(name);
    this.came.set(name, performance.now());
    if (name === 'left') this.left = leftFrom(json);
    else if (name !== 'deployment') this.sections.set(name, sectionFrom(json, this.sections.get(name)));
    else this.move(deploymentFrom(json));
  }

  /** What another deployment has is none of this one's. */
  private move(to: Deployment): void {
    const from = this.deployment;
    this.deployment = to;
    if (from?.connected === to.connected && from?.url === to.url) return;
    for (const name of LISTS) if (name !== 'runs') this.sections.delete(name);
    for (const name of LISTS) this.failures.delete(name);
    if (to.connected) this.stale(LISTS.filter((name) => name !== 'runs' || from));
  }

  private fail({ type, words }: Refusal): void {
    if (type === 'OtherVersion') this.otherVersion = words;
    if (!this.ended) this.changed();
  }
}
