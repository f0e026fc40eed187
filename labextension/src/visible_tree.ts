/** A saved tree whose text is visible, as lg_magics/views/node.py makes it: nobody says that it was made there. Pure. */
import { breakable, visibleText } from '../shared/visible_text';

const READ = ['title', 'aria-label', 'placeholder'];
const DEEPEST = 70; // more than a tree may have

/** The same tree with every character visible, and places to break a line. */
export function visibleTree(tree: unknown, depth = 0): unknown {
  if (!Array.isArray(tree) || depth > DEEPEST) return tree;
  const [tag, attributes, ...children] = tree as unknown[];
  return [tag, visibleAttributes(attributes), ...children.flatMap((child) => shown(child, depth + 1))];
}

function shown(child: unknown, depth: number): unknown[] {
  if (typeof child !== 'string') return [visibleTree(child, depth)];
  return breakable(visibleText(child)).flatMap((piece, place) => (place ? [['wbr', {}], piece] : [piece]));
}

function visibleAttributes(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const attributes: Record<string, unknown> = { ...given };
  for (const name of READ)
    if (typeof attributes[name] === 'string') attributes[name] = visibleText(attributes[name]);
  return attributes;
}
