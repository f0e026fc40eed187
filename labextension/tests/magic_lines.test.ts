/** Lines of our magics are marked in an editor, in a time that does not grow with the square of a line's length. */
import { EditorView } from '@codemirror/view';
import { expect, it } from 'vitest';
import { magicLineDecorations } from '../src/magic_lines';

const marked = (line: string) => {
  const view = new EditorView({ doc: line, extensions: [magicLineDecorations] });
  const isMarked = view.dom.querySelector('.lg-magic-line') !== null;
  view.destroy();
  return isMarked;
};

it.each([
  ['%lg_run hi', true],
  ['  %%lg_run', true],
  ['run = %lg_run hi', true],
  ['  a, b = %lg', true],
  ['%lgx', false],
  ['x == %lg_run', false],
  ['print("%lg")', false]
])('%s: %s', (line, isMagic) => {
  expect(marked(line)).toBe(isMagic);
});

it('a line that begins with many spaces takes no time', () => {
  const began = performance.now();
  expect(marked(`${' '.repeat(60_000)}x`)).toBe(false);
  expect(performance.now() - began).toBeLessThan(1_000);
});
