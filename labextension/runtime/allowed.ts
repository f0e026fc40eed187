/**
 * Reduces any JSON to a tree that is safe to draw: only the tags and attributes of the allow-list, which lg_magics/views/node.py
 * reads too, within the limits of depth, nodes and text, and with every character visible. A saved tree is untrusted, and is checked
 * here before it is drawn. A tree from a live kernel is not: that kernel also sends the script. Knows no view and no DOM.
 */
import { attributes, limits, ranges, svg, tags, words } from '../../lg_magics/views/allowed.json';
import { type Child, LINK, setOf, type Tree } from './tree';
import { breakable, visibleText } from './visible_text';

export const TOO_LARGE: Tree = ['div', { class: 'lg-note' }, 'too large to show'];

/** Returns the safe value of an attribute; null if it has none. */
type Check = (value: string) => string | null;

const CLASS = /^lg-[a-z0-9-]+$/;
const NUMBER = /^-?\d{1,15}(\.\d{1,9})?$/;

const TAGS = setOf(`${tags} ${svg}`);
const KINDS: Record<keyof typeof attributes, Check> = {
  text: (value) => value,
  read: visibleText,
  flag: () => '',
  classes: (value) => value.split(' ').filter((word) => CLASS.test(word)).join(' ') || null, // prettier-ignore
  link: matching(LINK),
  number: matching(NUMBER),
  boolean: matching(/^(true|false)$/),
  shape: matching(/^[\w\s.,()+-]{1,20000}$/)
};
const CHECKS = new Map<string, Check>();
for (const [kind, names] of Object.entries(attributes))
  for (const name of names.split(' ')) CHECKS.set(name, KINDS[kind as keyof typeof attributes]);
for (const [name, allowed] of Object.entries(words)) {
  const known = setOf(allowed);
  CHECKS.set(name, (value) => (known.has(value) ? value : null));
}
for (const [name, [least, most]] of Object.entries(ranges)) CHECKS.set(name, (value) => clamped(value, least!, most!));

function matching(pattern: RegExp): Check {
  return (value) => (pattern.test(value) ? value : null);
}

function clamped(value: string, least: number, most: number): string | null {
  if (!NUMBER.test(value)) return null;
  return String(Math.round(Math.min(Math.max(Number(value), least), most) * 1000) / 1000);
}

export function checked(json: unknown): Child {
  try {
    const parts = check(json, 1, { ...limits });
    return parts.length === 1 ? parts[0]! : ['span', {}, ...parts];
  } catch {
    return TOO_LARGE;
  }
}

/** Return a node or the pieces of a text; nothing if nothing is safe. Throws if more than `left` is in it. */
function check(json: unknown, level: number, left: typeof limits): Child[] {
  if (typeof json === 'string') return visiblePieces(count(json, left));
  if (!Array.isArray(json) || !json.length) return [];
  if (level > limits.depth || --left.nodes < 0) throw new Error('too large');
  const [tag, given] = json as unknown[];
  const name = typeof tag === 'string' && TAGS.has(tag) ? tag : 'span';
  const kept: Record<string, string> = {};
  for (const [attribute, value] of Object.entries(isObject(given) ? given : {})) {
    const text = typeof value === 'string' ? count(value, left) : null;
    const allowed = text === null ? null : CHECKS.get(attribute)?.(text);
    if (allowed != null && (attribute !== 'href' || name === 'a')) kept[attribute] = allowed;
  }
  return [[name, kept, ...(json.slice(1) as unknown[]).flatMap((each) => check(each, level + 1, left))]];
}

/** The text with every character visible, and with places to break a line. */
const visiblePieces = (text: string) =>
  breakable(visibleText(text)).flatMap((piece, place): Child[] => (place ? [['wbr', {}], piece] : [piece]));

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function count(text: string, left: typeof limits): string {
  if ((left.text -= text.length) < 0) throw new Error('too large');
  return text;
}
