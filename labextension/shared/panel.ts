/**
 * The panel's sections as they travel from the kernel: their shapes, and the door that unknown JSON comes in by.
 * Knows no page and no kernel. Every string is untrusted. Mirrors lg_magics/panel/rows.py.
 */
import { type Interrupt, interruptFrom } from './questions';

export type Name = 'deployment' | 'waiting' | 'runs' | 'threads' | 'store' | 'crons' | 'left';
export type ListName = Exclude<Name, 'deployment' | 'left'>;
export const LISTS: readonly ListName[] = ['waiting', 'runs', 'threads', 'store', 'crons'];

/** Something to do with a row. `{}` stands for the thing: its word in `line`, its name in `ask`. */
export interface Action {
  label: string;
  line: string;
  /** What is sent; without one it is only a line. */
  command: string;
  /** Which argument gets the row's id, and which the id of its thread. */
  argument: string;
  also: string;
  /** What is asked back before it is done. */
  ask: string;
  /** A protected deployment wants a yes. */
  writes: boolean;
}

export interface Row {
  id: string;
  /** What is typed: `t2`, or an id. */
  word: string;
  /** Its number and the id's tail: `t2 ·0e7caf`. */
  shown: string;
  text: string;
  state: string;
  tone: Tone;
  aside: string;
  seconds: number | null;
  goes_on: boolean;
  is_current: boolean;
  /** The notebook's cell that it came from. */
  cell: string;
  thread: string;
  more: string;
  /** Keys of actions that are not for it. */
  without: string[];
  /** What a thread that waits asks, and the mark that an answer must bear. */
  asks: Interrupt[];
  mark: string;
}
export type Tone = 'quiet' | 'running' | 'good' | 'waiting' | 'bad';

export interface Section {
  counted: string;
  rows: Row[];
  /** There are no others. */
  is_whole: boolean;
  note: string;
  actions: Record<string, Action>;
  tools: Action[];
  live: number;
  waiting: number;
}

export interface Deployment {
  connected: boolean;
  deployment: string;
  url: string;
  version: string;
  protected: boolean;
  assistant: string;
  thread: string;
  defaults: string[];
}

const TONES = ['quiet', 'running', 'good', 'waiting', 'bad'];

type Json = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const thing = (value: unknown): Json => (value && typeof value === 'object' ? (value as Json) : {});
const finite = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function action(value: unknown): Action {
  const { label, line, command, argument, also, ask, writes } = thing(value);
  return {
    label: text(label),
    line: text(line),
    command: text(command),
    argument: text(argument),
    also: text(also),
    ask: text(ask),
    writes: writes === true
  };
}

function row(value: unknown): Row {
  const json = thing(value);
  return {
    id: text(json.id),
    word: text(json.word),
    shown: text(json.shown),
    text: text(json.text),
    state: text(json.state),
    tone: TONES.includes(json.tone as string) ? (json.tone as Tone) : 'quiet',
    aside: text(json.aside),
    seconds: finite(json.seconds),
    goes_on: json.goes_on === true,
    is_current: json.is_current === true,
    cell: text(json.cell),
    thread: text(json.thread),
    more: text(json.more),
    without: list(json.without).map(text),
    asks: list(json.asks).map(interruptFrom),
    mark: text(json.mark)
  };
}

/**
 * Any JSON becomes a section that can be drawn. Rows that say what they said before are the same objects as before: what
 * draws them need not look at them again.
 */
export function sectionFrom(value: unknown, before?: Section): Section {
  const json = thing(value);
  const known = new Map(before?.rows.map((each) => [each.id, each]));
  const rows = list(json.rows).map(row).filter(firstOfItsId());
  return {
    counted: text(json.counted),
    rows: rows.map((each) => sameAs(known.get(each.id), each)),
    is_whole: json.is_whole !== false,
    note: text(json.note),
    actions: Object.fromEntries(
      Object.entries(thing(json.actions)).map(([key, each]) => [key, action(each)])
    ),
    tools: list(json.tools).map(action),
    live: finite(json.live) ?? 0,
    waiting: finite(json.waiting) ?? 0
  };
}

function firstOfItsId(): (row: Row) => boolean {
  const met = new Set<string>();
  return ({ id }) => !met.has(id) && Boolean(met.add(id));
}

/** A time that goes on is told anew each time. */
const sameAs = (old: Row | undefined, row: Row): Row =>
  old && !row.goes_on && JSON.stringify(old) === JSON.stringify(row) ? old : row;

export function deploymentFrom(value: unknown): Deployment {
  const json = thing(value);
  return {
    connected: json.connected === true,
    deployment: text(json.deployment),
    url: text(json.url),
    version: text(json.version),
    protected: json.protected === true,
    assistant: text(json.assistant),
    thread: text(json.thread),
    defaults: list(json.defaults).map(text)
  };
}

/** The crons that go on when the kernel ends. `until` is in ms since the epoch; `line` ends them, or leads there. */
export interface Left {
  crons: { id: string; deployment: string; until: number | null }[];
  line: string;
}

export function leftFrom(value: unknown): Left {
  const json = thing(value);
  const crons = list(json.crons).map((each) => {
    const { id, deployment, until } = thing(each);
    const end = finite(until);
    return { id: text(id), deployment: text(deployment), until: end === null ? null : end * 1000 };
  });
  return { crons, line: text(json.line) };
}

/** What a request came to, in a line. */
export const saidFrom = (value: unknown): string => text(thing(value).said);

/** What to call a row: `t2 “Add a ToDo…”`. */
export function nameOf({ shown, text, word }: Row): string {
  const number = shown || word;
  return text && text !== number ? `${number} “${text}”` : number;
}

/** The line of an action for a row. */
export const lineOf = ({ line }: Action, { word }: Row): string => line.replace('{}', () => word);
