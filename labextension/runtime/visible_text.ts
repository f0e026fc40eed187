/**
 * Makes every character of a text visible. Pure. lg_magics/model/visible_text.py does the same and has the rules; both read the
 * characters from one file, and are tested with tests/text_fixtures/visible_text.json.
 */
import { emoji, flags, hidden, ideographs, joined, spaceless, tags } from '../../lg_magics/model/visible_text.json';

const HIDDEN = new RegExp(`[${Object.values(hidden).join('')}][${tags}]*`, 'gu');
/** Patterns of a character and of the text before it; a match of both keeps it. Safari 16.2 has no lookbehind. */
const KEPT = [
  [`[${spaceless}]`, `\\u200b(?=[${spaceless}])`],
  [`[${joined}]`, `[\\u200c\\u200d](?![${tags}])`],
  [`[${emoji}]\\ufe0f?`, `\\u200d(?=[${emoji}])`],
  ['[\\u1820-\\u18af]', '[\\u180b-\\u180f]'],
  ['(?:^|[^\\ufe00-\\ufe0f])', `[\\ufe00-\\ufe0f](?![${tags}])`],
  [`[${ideographs}]`, `[\\u{e0100}-\\u{e01ef}](?![${tags}])`],
  ['\\u{1f3f4}', `(?:${Object.values(flags).join('|')})(?![${tags}])`]
].map(([before, here]) => ({ before: new RegExp(`${before}$`, 'u'), here: new RegExp(here!, 'uy') }));
const PIECE = /\S{499}[^\s\u200d](?:[\u0300-\u036f]|\ufe0f|[\u{1f3fb}-\u{1f3ff}]|\u200d\S)*(?=\S)/gu;
const LONGEST = 500;

/** Return the text with every character visible; one without hidden characters is returned unchanged. */
export function visibleText(text: string): string {
  const shown = (found: string, place: number, whole: string) =>
    isKept(whole, place) ? found : [...found].map(form).join('');
  return text.replaceAll('\r\n', '\n').replace(HIDDEN, shown);
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
