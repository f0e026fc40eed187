/**
 * Reduces any JSON to a tree that is safe to draw: only the tags and attributes of the allow-list, which lg_magics/views/node.py
 * reads too, within the limits of depth, nodes and text. A saved tree is untrusted, and is checked here before it is drawn. A tree
 * from a live kernel is not: that kernel also sends the script. Knows no view and no DOM.
 */
import { attributes, limits, ranges, svg, tags, words } from '../../lg_magics/views/allowed.json';
import { type Attributes, type Child, LINK, setOf, type Tree } from './tree';

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

/** The numbers of nodes and characters that are left. */
interface Left {
  nodes: number;
  text: number;
}

/** Return the safe tree of this JSON. */
export function checked(json: unknown): Child {
  try {
    return check(json, 1, { nodes: NODES, text: TEXT }) ?? '';
  } catch {
    return TOO_LARGE;
  }
}

/** Return the safe part; null if nothing is safe. Throws if it is too large. */
function check(json: unknown, level: number, left: Left): Child | null {
  if (typeof json === 'string') return count(json, left);
  if (!Array.isArray(json) || !json.length) return null;
  if (level > DEPTH || --left.nodes < 0) throw new Error('too large');
  const [tag, second] = json as unknown[];
  const given = isObject(second) ? second : {};
  for (const value of Object.values(given)) if (typeof value === 'string') count(value, left);
  const name = typeof tag === 'string' && TAGS.has(tag) ? tag : 'span';
  const children = (json.slice(1) as unknown[]).map((each) => check(each, level + 1, left));
  return [name, attributesOf(name, given), ...children.filter((child) => child !== null)];
}

function count(text: string, left: Left): string {
  if ((left.text -= text.length) < 0) throw new Error('too large');
  return text;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function attributesOf(tag: string, given: Record<string, unknown>): Attributes {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const allowed = typeof value === 'string' ? valueOf(name, value) : null;
    if (allowed !== null && (name !== 'href' || tag === 'a')) kept[name] = allowed;
  }
  return kept;
}

/** Return the safe value of an attribute; null if it has none. */
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
