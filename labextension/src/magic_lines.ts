/** Shows lines of our magics as text in editors: as Python, `what's` would turn a line red. */
import type { Range } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';

const LINE = /^\s*(?:[\w.,][\w., ]*=\s*)?%%?lg(?:_\w+)?(?=\s|$)/;
const WITH_TEXT = /^\s*%%lg_(?:run|stream|resume)\b/;
const AS_TEXT = Decoration.line({ class: 'lg-magic-line' });

function decorate({ state, visibleRanges }: EditorView): DecorationSet {
  const found: Range<Decoration>[] = [];
  const isText = WITH_TEXT.test(state.doc.line(1).text);
  for (const { from, to } of visibleRanges)
    for (let number = state.doc.lineAt(from).number; number <= state.doc.lineAt(to).number; number++) {
      const line = state.doc.line(number);
      if (isText || LINE.test(line.text)) found.push(AS_TEXT.range(line.from));
    }
  return Decoration.set(found);
}

export const magicLineDecorations = EditorView.decorations.of(decorate);
