/**
 * A batch's card as it travels from the kernel: its shape, and the door that unknown JSON comes in by. Knows no page and no
 * kernel. Every string in it is untrusted. Mirrors lg_magics/views/batch_card.py.
 */
import { NO_KERNEL } from './hearing';

export interface Failure {
  /** The row's place in the frame, from 0. */
  row: number;
  assistant: string;
  error: string;
  thread: { number: string; id: string } | null;
}

export interface Batch {
  protocol: 1;
  status: string;
  /** Nothing will change any more by itself. */
  settled: boolean;
  deployment: string;
  protected: boolean;
  assistants: string;
  /** The template, or the column, that the inputs come from. */
  source: string;
  id: string;
  runs: number;
  ended: number;
  /** How many cells of the bar each status has. */
  bar: [status: string, cells: number][];
  counts: [status: string, count: number][];
  progress: string;
  /** Seconds at the time of sending; the page ticks it on. */
  elapsed: number | null;
  notes: string[];
  failures: Failure[];
  /** Failures that are not among those. */
  more_failures: number;
  /** What to type to go on with it. */
  line: string;
  line_does: string;
  /** How many runs a cancel would stop. */
  live: number;
  can_cancel: boolean;
  /** How many runs a retry would do again. */
  can_retry: number;
}

const STATUSES = 'preparing running success waiting error cancelled stopped'.split(' ');
const OTHER_VERSION = 'this card comes from another version of lg_magics: reload the page';
const CELLS = 100;

type Json = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const thing = (value: unknown): Json => (value && typeof value === 'object' ? (value as Json) : {});
const finite = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const number = (value: unknown): number => finite(value) ?? 0;

const pair = (value: unknown): [string, number] => [text(list(value)[0]), number(list(value)[1])];

function failure(value: unknown): Failure {
  const { row, assistant, error, thread } = thing(value);
  const { number: named, id } = thing(thread);
  return {
    row: number(row),
    assistant: text(assistant),
    error: text(error),
    thread: thread ? { number: text(named), id: text(id) } : null
  };
}

/** Any JSON becomes a card that can be drawn: what is missing or of the wrong kind is empty. */
export function batchFrom(value: unknown): Batch {
  const json = thing(value);
  return {
    protocol: 1,
    status: STATUSES.includes(json.status as string) ? (json.status as string) : 'unknown',
    settled: json.settled === true,
    deployment: text(json.deployment),
    protected: json.protected === true,
    assistants: text(json.assistants),
    source: text(json.source),
    id: text(json.id),
    runs: number(json.runs),
    ended: number(json.ended),
    bar: list(json.bar)
      .map(pair)
      .map(([status, cells]) => [status, Math.min(cells, CELLS)]),
    counts: list(json.counts).map(pair),
    progress: text(json.progress),
    elapsed: finite(json.elapsed),
    notes: json.protocol === 1 ? list(json.notes).map(text) : [OTHER_VERSION],
    failures: list(json.failures).map(failure),
    more_failures: number(json.more_failures),
    line: text(json.line),
    line_does: text(json.line_does),
    live: number(json.live),
    can_cancel: json.can_cancel === true,
    can_retry: number(json.can_retry)
  };
}

/** A batch's card without its kernel: nothing of it goes on, and nothing can be asked for. */
export const leftAlone = (batch: Batch): Batch => ({
  ...batch,
  notes: batch.settled && !batch.can_retry ? batch.notes : [...batch.notes, NO_KERNEL],
  settled: true,
  can_cancel: false,
  can_retry: 0
});
