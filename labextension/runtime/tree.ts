/**
 * A tree of nodes, as a view function returns it (lg_magics/views/node.py), and the last check before the page: no element of any
 * tree loads or runs anything. A tree from a file is checked as a whole first (allowed.ts).
 */
import { controls } from '../../lg_magics/views/allowed.json';

/** A node; its children are nodes and strings. */
export type Tree = readonly [tag: string, attributes: Attributes, ...children: Child[]];
export type Child = Tree | string;
export type Attributes = Readonly<Record<string, string>>;

export const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));
export const CONTROLS = setOf(controls);
export const LINK = /^(https?:\/\/|mailto:)\S/i;

const TAG = /^(base|embed|form|frame|iframe|image|img|link|math|meta|object|script|style|template|use|video)$/i;

export const safeTag = (tag: string) => (TAG.test(tag) ? 'span' : tag);

export const isSafe = (name: string, value: string) =>
  name === 'href' ? LINK.test(value) : !/^(on|src|style|form|.*:)/i.test(name);
