/**
 * The kinds of views that a notebook keeps, a line for each: how it is drawn, and what is said when its kernel is gone.
 * Knows views and words; knows no notebook. lg_magics/widgets/live.py names the same types.
 */
import { batchFrom } from '../shared/batch';
import { cardFrom } from '../shared/card';
import { historyFrom } from '../shared/history';
import { LiveBatch } from '../shared/live_batch';
import { LiveCard } from '../shared/live_card';
import { LiveHistory } from '../shared/live_history';
import { LiveStore } from '../shared/live_store';
import { storeFrom } from '../shared/store';
import type { Draw } from './renderer_still';

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
  [typeOf('card')]: {
    trait: 'card',
    draw: (element, view, signal) => new LiveCard(element, NOBODY, signal).show(view),
    loss: lossOfCard
  },
  [typeOf('batch')]: {
    trait: 'card',
    draw: (element, view, signal) => new LiveBatch(element, NOBODY, signal).show(view),
    loss: lossOfBatch
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

function lossOfCard(view: unknown): Loss {
  const { settled, can_resume, thread, run, deployment } = cardFrom(view);
  if (settled && !can_resume) return { words: '', line: '' };
  const goesOn = settled
    ? `the thread still waits on ${deployment}`
    : `the run goes on without it, on ${deployment}`;
  const attach = thread ? line('%lg_attach -t', thread.id, run.id) : '';
  return {
    words: `The kernel that followed this run is gone; ${goesOn}. ${LAST}`,
    line: attach,
    ...(thread && attach ? { run: { run: run.id, thread: thread.id } } : {})
  };
}

function lossOfBatch(view: unknown): Loss {
  const { settled, can_retry, id, line: goesOnBy } = batchFrom(view);
  if (settled && !can_retry) return { words: '', line: '' };
  const goesOn = settled ? '' : ' What was launched goes on; the other rows wait.';
  return {
    words: `The kernel that ran this batch is gone.${goesOn} ${LAST}`,
    line: goesOnBy && line('%lg_batch --attach', id)
  };
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
