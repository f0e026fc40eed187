/**
 * An open history as it travels from the kernel: its shape, and the door that unknown JSON comes in by.
 * Knows no page and no kernel. Every string in it is untrusted. Mirrors lg_magics/views/history_view.py.
 */
export interface Row {
  id: string;
  /** The branches as a picture: `●─┘`. */
  lane: string;
  branch: string;
  step: string;
  source: string;
  node: string;
  next: string;
  change: string;
  /** ISO, with its offset. */
  when: string;
  /** How a person names it: `step:4`. */
  reference: string;
  /** The magic that forks and runs from here. */
  line: string;
}

export interface History {
  protocol: 1;
  thread: string;
  thread_id: string;
  headline: string;
  note: string;
  /** Why nothing can be forked now. */
  busy: string;
  rows: Row[];
}

export interface Detail {
  id: string;
  /** A mark (`-`, `+`, a space, `@` for a heading) and the words. */
  lines: [mark: string, words: string][];
  more_lines: number;
  next: string;
  state: string;
  /** Characters of the state that were left out. */
  state_cut: number;
}

const OTHER_VERSION = 'this history comes from another version of lg_magics: reload the page';
const ROW = 'id lane branch step source node next change when reference line'.split(' ') as (keyof Row)[];

type Json = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const thing = (value: unknown): Json => (value && typeof value === 'object' ? (value as Json) : {});
const number = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);

function row(value: unknown): Row {
  const json = thing(value);
  return Object.fromEntries(ROW.map((name) => [name, text(json[name])])) as unknown as Row;
}

/** Any JSON becomes a history that can be drawn: what is missing or of the wrong kind is empty. */
export function historyFrom(value: unknown): History {
  const json = thing(value);
  return {
    protocol: 1,
    thread: text(json.thread),
    thread_id: text(json.thread_id),
    headline: text(json.headline),
    note: json.protocol === 1 ? text(json.note) : OTHER_VERSION,
    busy: text(json.busy),
    rows: list(json.rows).map(row)
  };
}

/** The same for a checkpoint that was looked at. */
export function detailFrom(value: unknown): Detail {
  const json = thing(value);
  return {
    id: text(json.id),
    lines: list(json.lines).map((line) => [text(list(line)[0]), text(list(line)[1])]),
    more_lines: number(json.more_lines),
    next: text(json.next),
    state: text(json.state),
    state_cut: number(json.state_cut)
  };
}
