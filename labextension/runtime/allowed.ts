/**
 * Any JSON becomes a tree that may be drawn: the tags and attributes of the allow-list, which lg_magics/views/node.py reads too,
 * within the limits of depth, nodes and text. A saved tree is as untrusted as any file, and passes here before it is drawn; one that a
 * living kernel sends does not: who could change that could change the script beside it. Knows no view and no DOM.
 */
import { attributes, limits, ranges, svg, tags, words } from '../../lg_magics/views/allowed.json';
import { type Attributes, type Child, LINK, setOf, type Tree } from './tree';

/** What is known of a part of a tree that was checked; null is what must not be drawn. */
interface Checked {
  child: Child | null;
  nodes: number;
  text: number;
  depth: number;
}

export const TOO_LARGE: Tree = ['div', { class: 'lg-note' }, 'too large to show'];

const TAGS = setOf(`${tags} ${svg}`);
const KINDS = new Map(
  Object.entries(attributes).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind]))
);
const WORDS = new Map(Object.entries(words).map(([name, words]) => [name, setOf(words)]));
const RANGES = new Map(Object.entries(ranges));
const { depth: DEPTH, nodes: NODES, text: TEXT } = limits;

const CLASS = /^lg-[a-z0-9-]+$/;
const NUMBER = /^-?\d{1,15}(\.\d{1,9})?$/;
const PATTERNS = new Map([
  ['link', LINK],
  ['number', NUMBER],
  ['boolean', /^(true|false)$/],
  ['shape', /^[\w\s.,()+-]{1,20000}$/]
]);

const seen = new WeakMap<object, Checked>();

/** The tree that may be drawn for this JSON. A part that was checked before gives the same object again. */
export function checked(json: unknown): Child {
  const { child, nodes, text, depth } = check(json, 1);
  if (nodes > NODES || text > TEXT || depth > DEPTH) return TOO_LARGE;
  return child ?? '';
}

function check(json: unknown, level: number): Checked {
  if (typeof json === 'string') return { child: json, nodes: 0, text: json.length, depth: 0 };
  if (!Array.isArray(json) || !json.length) return { child: null, nodes: 0, text: 0, depth: 0 };
  if (level > DEPTH || json.length > NODES) return { child: null, nodes: NODES + 1, text: 0, depth: DEPTH + 1 };
  const known = seen.get(json);
  if (known) return known;
  const [tag, second] = json as unknown[];
  const given = isObject(second) ? second : {};
  const children: Child[] = [];
  let [nodes, text, depth] = [1, 0, 0];
  for (const value of Object.values(given)) if (typeof value === 'string') text += value.length;
  for (const each of json.slice(1) as unknown[]) {
    const inside = check(each, level + 1);
    nodes += inside.nodes;
    text += inside.text;
    depth = Math.max(depth, inside.depth);
    if (inside.child !== null) children.push(inside.child);
    if (nodes > NODES) break;
  }
  const name = typeof tag === 'string' && TAGS.has(tag) ? tag : 'span';
  const found: Checked = {
    child: [name, attributesOf(name, given), ...children],
    nodes,
    text,
    depth: depth + 1
  };
  seen.set(json, found);
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function attributesOf(tag: string, given: Record<string, unknown>): Attributes {
  const said: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const allowed = typeof value === 'string' ? valueOf(name, value) : null;
    if (allowed !== null && (name !== 'href' || tag === 'a')) said[name] = allowed;
  }
  return said;
}

/** The value of an attribute as it may stand; null if it may not. */
function valueOf(name: string, value: string): string | null {
  const [words, range, kind] = [WORDS.get(name), RANGES.get(name), KINDS.get(name)];
  if (words) return words.has(value) ? value : null;
  if (range) return clamped(value, range[0]!, range[1]!);
  if (kind === 'text') return value;
  if (kind === 'flag') return '';
  if (kind === 'classes') return value.split(' ').filter((word) => CLASS.test(word)).join(' ') || null; // prettier-ignore
  return PATTERNS.get(kind!)?.test(value) ? value : null;
}

const clamped = (value: string, least: number, most: number) =>
  NUMBER.test(value) ? String(Math.round(Math.min(Math.max(Number(value), least), most) * 1000) / 1000) : null;
