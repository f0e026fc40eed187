/**
 * Changes that turn one tree into the next (lg_magics/live/changes.py makes them). A tree is never edited: what a change passes
 * on its way is a new list, all else is the same object, so that what is the same can be skipped. Knows lists alone.
 */
type Json = unknown;

const FIRST_CHILD = 2;

/** The tree after these changes. Throws if one of them does not fit. */
export function applied(tree: Json, changes: readonly Json[]): Json {
  return changes.reduce<Json>((before, change) => one(before, change), tree);
}

function one(tree: Json, change: Json): Json {
  const [name, path, ...rest] = list(change) as [string, number[], ...Json[]];
  return at(tree, path, 0, (old) => {
    if (name === 'replace') return rest[0];
    if (name === 'text') return String(old) + String(rest[0]);
    const node = [...list(old)];
    const place = Number(rest[0]) + FIRST_CHILD;
    if (name === 'set') node[1] = rest[0];
    else if (name === 'insert') node.splice(place, 0, rest[1]);
    else if (name === 'remove') node.splice(place, 1);
    else if (name === 'move') node.splice(Number(rest[1]) + FIRST_CHILD, 0, ...node.splice(place, 1));
    else throw new Error(name);
    return node;
  });
}

/** The tree with what `edit` makes of the part at `path`. */
function at(tree: Json, path: readonly number[], depth: number, edit: (old: Json) => Json): Json {
  if (depth === path.length) return edit(tree);
  const node = [...list(tree)];
  const place = path[depth]! + FIRST_CHILD;
  if (!(place < node.length)) throw new Error('child');
  node[place] = at(node[place], path, depth + 1, edit);
  return node;
}

function list(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new Error('list');
  return value;
}
