/**
 * Open items of the store as they travel from the kernel: their shape, and the door that unknown JSON comes in by.
 * Knows no page and no kernel. Every string in it is untrusted. Mirrors lg_magics/views/store_view.py.
 */
export interface Item {
  id: string;
  namespace: string;
  key: string;
  cells: string[];
  /** ISO, with its offset. */
  when: string;
  /** The magic that shows it. */
  line: string;
}

export interface Store {
  protocol: 1;
  title: string;
  /** The namespace that was searched; `/` is the whole store. */
  prefix: string;
  headline: string;
  note: string;
  /** What stands over the cells. */
  columns: string[];
  rows: Item[];
}

export interface ItemDetail {
  id: string;
  /** The value as JSON; a text, since a page's own numbers are rounded. */
  text: string;
  /** Where the text is only its beginning, how many characters the value has. */
  size: number;
  /** The fingerprint of the value; '' where there is none. */
  seen: string;
  /** Why it cannot be edited here. */
  why_not: string;
  when: string;
}

const OTHER_VERSION = 'these items come from another version of lg_magics: reload the page';

type Json = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const thing = (value: unknown): Json => (value && typeof value === 'object' ? (value as Json) : {});

function item(value: unknown): Item {
  const json = thing(value);
  return {
    id: text(json.id),
    namespace: text(json.namespace),
    key: text(json.key),
    cells: list(json.cells).map(text),
    when: text(json.when),
    line: text(json.line)
  };
}

/** Any JSON becomes items that can be drawn: what is missing or of the wrong kind is empty. */
export function storeFrom(value: unknown): Store {
  const json = thing(value);
  return {
    protocol: 1,
    title: text(json.title),
    prefix: text(json.prefix),
    headline: text(json.headline),
    note: json.protocol === 1 ? text(json.note) : OTHER_VERSION,
    columns: list(json.columns).map(text),
    rows: list(json.rows).map(item)
  };
}

/** The same for an item that was looked at. */
export function itemDetailFrom(value: unknown): ItemDetail {
  const json = thing(value);
  return {
    id: text(json.id),
    text: text(json.text),
    size: typeof json.size === 'number' && json.size > 0 ? json.size : 0,
    seen: text(json.seen),
    why_not: text(json.why_not),
    when: text(json.when)
  };
}

const SPACE_OUTSIDE = /("(?:[^"\\]|\\.)*")|\s+/g;

/** Why a text cannot be saved; '' if it can. The kernel looks again, and more closely. */
export function whyNotSaved(typed: string, before: string): string {
  let value: unknown;
  try {
    value = JSON.parse(typed);
  } catch (error) {
    return `This is not JSON: ${(error as Error).message}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'A value is a mapping: { "field": … }';
  const tight = (json: string) => json.replace(SPACE_OUTSIDE, '$1');
  return tight(typed) === tight(before) ? 'Nothing is changed.' : '';
}
