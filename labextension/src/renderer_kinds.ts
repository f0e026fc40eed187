/**
 * The kinds of views that a notebook keeps, a line for each: how it is drawn, and what is said when its kernel is gone.
 * Knows views and words; knows no notebook. lg_magics/widgets/live.py names the same types.
 */
import { historyFrom } from '../shared/history';
import { LiveHistory } from '../shared/live_history';
import { LiveStore } from '../shared/live_store';
import { storeFrom } from '../shared/store';
import { View } from '../runtime/view';
import type { Draw } from './renderer_still';
import { visibleTree } from './visible_tree';

/** What a view lost with its kernel: in words, and the line that brings it back; no words: nothing was lost. */
export interface Loss {
  words: string;
  line: string;
  /** The run that the kernel can bring back in its place; else a cell with the line does it. */
  run?: { run: string; thread: string };
}

export interface Kind {
  /** The trait of the widget that holds the view. */
  trait: string;
  draw: Draw;
  loss(view: unknown): Loss;
}

const typeOf = (kind: string) => `application/vnd.lg-magics.${kind}+json`;
const NOBODY = {} as never; // asks for nothing: a picture has nothing to press
const ID = /^[\w-]{1,64}$/;
const PLAIN_NAMESPACE = /^\w[\w-]{0,63}(\/[\w-]{1,64}){0,9}$/;
const LAST = 'This is the last that was seen of it.';

export const KINDS: Record<string, Kind> = {
  [typeOf('view')]: {
    trait: 'view',
    draw: (element, view, signal) =>
      new View(element, NOBODY, '', signal).show({
        tree: visibleTree(treeIn(view)),
        ahead: 0,
        isLive: false
      }),
    loss: lossOfView
  },
  [typeOf('history')]: {
    trait: 'history',
    draw: (element, view, signal) => new LiveHistory(element, NOBODY, signal).show(view),
    loss: lossOfHistory
  },
  [typeOf('store')]: {
    trait: 'store',
    draw: (element, view, signal) => new LiveStore(element, NOBODY, signal).show(view),
    loss: lossOfStore
  }
};

/** The type of ours that an output has; nothing if it has none. */
export const typeIn = (data: object): string | undefined =>
  Object.keys(data).find((type) => Object.hasOwn(KINDS, type));

/** The protocol that all of these views speak now. */
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
function line(magic: string, ...ids: string[]): string {
  return ids.every((id) => ID.test(id)) ? [magic, ...ids].join(' ') : '';
}

const treeIn = (view: unknown) => ((view ?? {}) as { tree?: unknown }).tree;

/** What is lost with the kernel of a view, by the command that it names, and the line that brings it back. */
const LOSSES = new Map<unknown, (ids: string[]) => Loss>([
  ['attach', (ids) => runLoss('The kernel that followed this run is gone; the run goes on without it.', ids)],
  ['resume', (ids) => runLoss('The kernel that followed this run is gone; its thread still waits.', ids)],
  [
    'batch',
    (ids) =>
      batchLoss(
        'The kernel that ran this batch is gone. What was launched goes on; the other rows wait.',
        ids
      )
  ],
  ['retry', (ids) => batchLoss('The kernel that ran this batch is gone.', ids)]
]);

function runLoss(words: string, [thread, run]: string[]): Loss {
  const attach = thread && run ? line('%lg_attach -t', thread, run) : '';
  return {
    words: `${words} ${LAST}`,
    line: attach,
    ...(attach && { run: { run: run!, thread: thread! } })
  };
}

function batchLoss(words: string, [id]: string[]): Loss {
  return { words: `${words} ${LAST}`, line: id ? line('%lg_batch --attach', id) : '' };
}

/** What a view says is lost with its kernel, in words of ours: its own are as untrusted as the rest of it. */
function lossOfView(view: unknown): Loss {
  const { lost } = (view ?? {}) as { lost?: { command?: unknown; ids?: unknown } | null };
  const ids = Array.isArray(lost?.ids) ? lost.ids.filter((id): id is string => typeof id === 'string') : [];
  return LOSSES.get(lost?.command)?.(ids) ?? { words: '', line: '' };
}

function lossOfHistory(view: unknown): Loss {
  const { thread_id } = historyFrom(view);
  return {
    words: 'The kernel that kept this history open is gone. These are the checkpoints that were there.',
    line: line('%lg_history --open', thread_id)
  };
}

function lossOfStore(view: unknown): Loss {
  const { prefix } = storeFrom(view);
  return {
    words: 'The kernel that kept these items open is gone. These are the items that were there.',
    line: prefix === '/' || PLAIN_NAMESPACE.test(prefix) ? `%lg_store search --open ${prefix}` : ''
  };
}
