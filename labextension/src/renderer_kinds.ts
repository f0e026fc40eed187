/**
 * What a notebook keeps of a view: how it is drawn, and what is said when its kernel is gone. Knows commands and words; knows no
 * notebook and no view. lg_magics/widgets/view.py names the same type.
 */
import { checked } from '../runtime/allowed';
import { View } from '../runtime/view';
import { visibleTree } from './visible_tree';

/** What a view lost with its kernel: in words, and the lines that bring it back in any kernel; no words: nothing was lost. */
export interface Loss {
  words: string;
  line: string;
  /** The run that the kernel can bring back in its place; else a cell with the line does it. */
  run?: { run: string; thread: string };
}

export const VIEW = 'application/vnd.lg-magics.view+json';
const NOBODY = {} as never; // asks for nothing: a picture has nothing to press
const ID = /^[\w-]{1,64}$/;
const PLAIN_NAMESPACE = /^\w[\w-]{0,63}(\/[\w-]{1,64}){0,9}$/;
const CONNECT = /^(https?:\/\/[\w.:[\]-]{1,200}(\/[\w.~-]{1,64}){0,9}|[\w.-]{1,64})$/;
const LAST = 'This is the last that was seen.';

/** Make `element` hold a picture of a saved view, which can be any JSON. */
export function drawSaved(element: HTMLElement, view: unknown): void {
  const life = new AbortController();
  const { tree } = (view ?? {}) as { tree?: unknown };
  element.replaceChildren();
  new View(element, NOBODY, '', life.signal).show({
    tree: checked(visibleTree(tree)),
    ahead: 0,
    isLive: false
  });
  life.abort();
}

/** The protocol that these views speak now. */
const PROTOCOL = 1;

/** What to do about a view of another version; '' if it is of this one. */
export function otherVersion(view: unknown): string {
  const { protocol } = (view ?? {}) as { protocol?: unknown };
  if (protocol === PROTOCOL) return '';
  return typeof protocol === 'number' && protocol > PROTOCOL
    ? 'A newer version of lg_magics made this: reload the page.'
    : 'Another version of lg_magics made this: restart the kernel and run the cell again.';
}

/** A line with these ids; none if one is not an id: they come from outside, and go into a cell. */
function line(magic: string, ...ids: (string | undefined)[]): string {
  return ids.every((id) => id && ID.test(id)) ? [magic, ...ids].join(' ') : '';
}

/** What is lost with the kernel of a view, by the command that it names, and the line that brings it back. */
const LOSSES = new Map<unknown, (ids: string[]) => Loss>([
  ['attach', (ids) => runLoss('The kernel that followed this run is gone; the run goes on without it.', ids)],
  ['resume', (ids) => runLoss('The kernel that followed this run is gone; its thread still waits.', ids)],
  [
    'batch',
    ([id]) => ({
      words: `The kernel that ran this batch is gone. What was launched goes on; the other rows wait. ${LAST}`,
      line: line('%lg_batch --attach', id)
    })
  ],
  [
    'retry',
    ([id]) => ({
      words: `The kernel that ran this batch is gone. ${LAST}`,
      line: line('%lg_batch --attach', id)
    })
  ],
  [
    'history',
    ([id]) => ({
      words: 'The kernel that kept this history open is gone. These are the checkpoints that were there.',
      line: line('%lg_history --open', id)
    })
  ],
  [
    'store',
    ([prefix = '/']) => ({
      words: 'The kernel that kept these items open is gone. These are the items that were there.',
      line: prefix === '/' || PLAIN_NAMESPACE.test(prefix) ? `%lg_store search --open ${prefix}` : ''
    })
  ],
  ['panel', () => ({ words: `The kernel behind this panel is gone. ${LAST}`, line: '%lg' })],
  ...['threads', 'runs', 'crons'].map((name): [string, () => Loss] => [
    name,
    () => ({
      words: `The kernel that kept these ${name} open is gone. These are the ${name} that were there.`,
      line: `%lg_${name} --open`
    })
  ])
]);

/** The line, behind those that a kernel which has just begun needs for it. */
const fromStart = (line: string, connect: unknown): string =>
  line && typeof connect === 'string' && CONNECT.test(connect)
    ? `%load_ext lg_magics\n%lg_connect ${connect}\n${line}`
    : line;

function runLoss(words: string, [thread, run]: string[]): Loss {
  const attach = line('%lg_attach -t', thread, run);
  return {
    words: `${words} ${LAST}`,
    line: attach,
    ...(attach && { run: { run: run!, thread: thread! } })
  };
}

/** What a view says is lost with its kernel, in words of ours: its own are as untrusted as the rest of it. */
export function lossOf(view: unknown): Loss {
  const { lost } = (view ?? {}) as { lost?: { command?: unknown; ids?: unknown; connect?: unknown } | null };
  const ids = Array.isArray(lost?.ids) ? lost.ids.filter((id): id is string => typeof id === 'string') : [];
  const loss = LOSSES.get(lost?.command)?.(ids) ?? { words: '', line: '' };
  return { ...loss, line: fromStart(loss.line, lost?.connect) };
}
