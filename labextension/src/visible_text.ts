/**
 * Makes every character of a text, and of a saved tree, visible. Pure. lg_magics/model/visible_text.py does the same and has the rules;
 * tests/text_fixtures/visible_text.json tests both.
 */
import type { Attributes, Child } from '../runtime/tree';

const EMOJI = String.raw`\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u2580-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\u{1f000}-\u{1faff}`;
const JOINED = String.raw`\u0620-\u07ff\u0840-\u085f\u08a0-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1820-\u18af\ufb50-\ufdff\ufe70-\ufefe`;
const SPACELESS = String.raw`\u0e00-\u0eff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff`;
const TAGS = String.raw`\u{e0000}-\u{e007f}`;
const FLAGS = ['gbeng', 'gbsct', 'gbwls']
  .map((name) => [...name, '\x7f'].map((letter) => `\\u{e00${letter.charCodeAt(0).toString(16)}}`).join(''))
  .join('|');

/* eslint-disable no-misleading-character-class -- the class has such characters on purpose */
const HIDDEN = new RegExp(
  '[' +
    String.raw`\u0000-\u0008\u000b-\u001f\u007f-\u009f` +
    String.raw`\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0` +
    String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069` +
    String.raw`\u180b-\u180f\u200b-\u200d\ufeff` +
    String.raw`\u2028\u2029\u2060-\u2065\u206a-\u206f` +
    String.raw`\ufe00-\ufe0f\u{e0100}-\u{e01ef}` +
    String.raw`\ufff0-\ufffb\ufffe\uffff\ud800-\udfff` +
    String.raw`\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{13430}-\u{1343f}` +
    `${TAGS}${String.raw`\u{e0080}-\u{e00ff}\u{e01f0}-\u{e0fff}`}` +
    `][${TAGS}]*`,
  'gu'
);
/** Patterns of a character and of the text before it; a match of both keeps it. Safari 16.2 has no lookbehind. */
const KEPT = [
  [`[${SPACELESS}]`, `\\u200b(?=[${SPACELESS}])`],
  [`[${JOINED}]`, `[\\u200c\\u200d](?![${TAGS}])`],
  [`[${EMOJI}]\\ufe0f?`, `\\u200d(?=[${EMOJI}])`],
  ['[\\u1820-\\u18af]', '[\\u180b-\\u180f]'],
  ['(?:^|[^\\ufe00-\\ufe0f])', `[\\ufe00-\\ufe0f](?![${TAGS}])`],
  ['[\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]', `[\\u{e0100}-\\u{e01ef}](?![${TAGS}])`],
  ['\\u{1f3f4}', `(?:${FLAGS})(?![${TAGS}])`]
].map(([before, here]) => ({ before: new RegExp(`${before}$`, 'u'), here: new RegExp(here!, 'uy') }));
const PIECE = /\S{499}[^\s\u200d](?:[\u0300-\u036f\ufe0f\u{1f3fb}-\u{1f3ff}]|\u200d\S)*(?=\S)/gu;
/* eslint-enable no-misleading-character-class */
const LONGEST = 500;

/** Return the text with every character visible; one without hidden characters is returned unchanged. */
export function visibleText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(HIDDEN, (found, place: number, whole: string) =>
      isKept(whole, place) ? found : [...found].map(form).join('')
    );
}

function isKept(text: string, place: number): boolean {
  const behind = text.slice(Math.max(0, place - 3), place);
  return KEPT.some(({ before, here }) => {
    here.lastIndex = place;
    return here.test(text) && before.test(behind);
  });
}

function form(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  const digits = code.toString(16);
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}

/** Split a visible text where a page may break a line: several pieces where over 500 characters have no space. */
export function breakable(text: string): string[] {
  if (text.length <= LONGEST) return [text];
  const broken = (run: string) => (run.length > LONGEST ? run.replace(PIECE, (piece) => piece + '\0') : run);
  return text.replace(/\S+/gu, broken).split('\0');
}

const READ = ['title', 'aria-label', 'placeholder'];

/** Return a checked tree with every character visible, as lg_magics/views/node.py does, and with places to break a line. */
export function visibleTree(tree: Child): Child {
  if (typeof tree === 'string') return ['span', {}, ...visibleChildren(tree)];
  const [tag, given, ...children] = tree;
  const attributes = Object.entries(given).map(([name, value]) => [
    name,
    READ.includes(name) ? visibleText(value) : value
  ]);
  return [tag, Object.fromEntries(attributes) as Attributes, ...children.flatMap(visibleChildren)];
}

const visibleChildren = (child: Child): Child[] =>
  typeof child === 'string'
    ? breakable(visibleText(child)).flatMap((piece, place): Child[] => (place ? [['wbr', {}], piece] : [piece]))
    : [visibleTree(child)];
