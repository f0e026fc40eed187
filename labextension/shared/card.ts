/**
 * The run card as it travels from the kernel: its shape, and the door that unknown JSON comes in by.
 * Knows no page and no kernel. Every string in it is untrusted. Mirrors lg_magics/views/card.py.
 */
import { NO_KERNEL } from './hearing';

export type Status =
  'pending' | 'running' | 'success' | 'waiting' | 'cancelled' | 'error' | 'timeout' | 'deleted' | 'unknown';
export type StepState = 'running' | 'done' | 'failed' | 'waiting' | 'cancelled';

/** Markdown, parsed in Python: text, or [tag, …children], or ['a', {href}, …children]. */
export type Node = string | [tag: string, ...rest: (string | object)[]];

export interface Step {
  name: string;
  state: StepState;
  seconds: number | null;
  /** More than 1: the same node, that many times in a row. */
  times: number;
}

export interface Interrupt {
  id: string;
  node: string;
  question: string;
  detail: string;
  /** How an action may be answered: accept, edit, respond, ignore; empty: any text or JSON. */
  ways: string[];
  /** An action's arguments as JSON. */
  args: string;
}

export interface Card {
  status: Status;
  /** Nothing will change any more. */
  settled: boolean;
  note: string;
  deployment: string;
  protected: boolean;
  assistant: string;
  thread: { number: string; id: string; title: string } | null;
  run: { number: string; id: string };
  /** Defaults in force, as `user_id=Test`. */
  defaults: string[];
  /** Seconds at the time of sending; the page ticks it on. */
  elapsed: number | null;
  steps: Step[];
  /** Steps left out of the front of the list. */
  more_steps: number;
  text: Node[];
  /** Characters of the answer that were left out. */
  text_cut: number;
  /** What to type for all that is shown in part. */
  rest: string;
  streaming: boolean;
  interrupts: Interrupt[];
  footnote: string;
  error: { summary: string; whole: string } | null;
  state: string;
  code: string;
  can_cancel: boolean;
  /** What was asked and answered before this run, a line each. */
  answered: string[];
  /** It waits, and this page may answer. */
  can_resume: boolean;
  /** That its cell ran before on this thread, in words. */
  again: string;
  /** Which of its cell's runs it is, where the page can show the others. */
  turn: { number: number; of: number } | null;
}

const STATUSES = 'pending running success waiting cancelled error timeout deleted unknown'.split(' ');
const STATES = 'running done failed waiting cancelled'.split(' ');
const OTHER_VERSION = 'this card is of another version of lg_magics: reload the page';

type Json = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const thing = (value: unknown): Json => (value && typeof value === 'object' ? (value as Json) : {});
const number = (value: unknown): number => seconds(value) ?? 0;
const seconds = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const oneOf = <T extends string>(names: string[], value: unknown, otherwise: T): T =>
  names.includes(value as string) ? (value as T) : otherwise;

const texts = <Name extends string>(json: Json, names: Name[]) =>
  Object.fromEntries(names.map((name) => [name, text(json[name])])) as Record<Name, string>;

function step(value: unknown): Step {
  const { name, state, seconds: took, times } = thing(value);
  return {
    name: text(name),
    state: oneOf(STATES, state, 'done'),
    seconds: seconds(took),
    times: number(times)
  };
}

export function interruptFrom(value: unknown): Interrupt {
  const json = thing(value);
  return {
    ...texts(json, ['id', 'node', 'question', 'detail', 'args']),
    ways: list(json.ways).map(text)
  };
}

/** Any JSON becomes a card that can be drawn: what is missing or of the wrong kind is empty. */
export function cardFrom(value: unknown): Card {
  const json = thing(value);
  const turn = thing(json.turn);
  return {
    ...texts(json, ['deployment', 'assistant', 'footnote', 'state', 'code', 'again', 'rest']),
    status: oneOf(STATUSES, json.status, 'unknown'),
    settled: json.settled === true,
    note: json.protocol === 1 ? text(json.note) : OTHER_VERSION,
    protected: json.protected === true,
    thread: json.thread ? texts(thing(json.thread), ['number', 'id', 'title']) : null,
    run: texts(thing(json.run), ['number', 'id']),
    defaults: list(json.defaults).map(text),
    elapsed: seconds(json.elapsed),
    steps: list(json.steps).map(step),
    more_steps: number(json.more_steps),
    text: list(json.text) as Node[],
    text_cut: number(json.text_cut),
    streaming: json.streaming === true,
    interrupts: list(json.interrupts).map(interruptFrom),
    error: json.error ? texts(thing(json.error), ['summary', 'whole']) : null,
    can_cancel: json.can_cancel === true,
    answered: list(json.answered).map(text),
    can_resume: json.can_resume === true,
    turn: json.turn ? { number: number(turn.number), of: number(turn.of) } : null
  };
}

/** A card without its kernel: nothing of it goes on, and nothing can be asked for. */
export const leftAlone = (card: Card): Card => ({
  ...card,
  note: card.settled && !card.can_resume ? card.note : NO_KERNEL,
  settled: true,
  streaming: false,
  can_cancel: false,
  can_resume: false,
  turn: null
});
