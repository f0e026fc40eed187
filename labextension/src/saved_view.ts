/**
 * Draws a saved view without its kernel, and the bar below it: why the view is not live, and how to bring it back. Knows commands and the
 * page; knows no notebook and no particular view. A saved view may be any JSON. lg_magics/widgets/mime.py has the same MIME type, and
 * lg_magics/live/lost.json what is said of each view.
 */
import lost from '../../lg_magics/live/lost.json';
import { checked } from '../runtime/allowed';
import { overlay } from '../runtime/overlay';
import { patch } from '../runtime/patch';
import type { Child, Tree } from '../runtime/tree';
import { PROTOCOL } from '../runtime/tree_source';
import { trans } from './translation';
import type { Life } from './widget_models';

export const VIEW = 'application/vnd.lg-magics.view+json';

/** The bar below a view; hidden without words. It has a button if there is a line, or if the notebook can be trusted. */
export interface Bar {
  words: string;
  /** The lines that bring the view back in any kernel. */
  line: string;
  /** The run that the kernel can show again here; otherwise a new cell with the line shows it. */
  run?: { run: string; thread: string };
  canTrust?: true;
}

/** Draw a saved view, without controls, in `element`. */
export function drawSaved(element: HTMLElement, view: unknown): void {
  const { tree } = (view ?? {}) as { tree?: unknown };
  element.replaceChildren();
  patch(element, overlay(checked(tree), null));
}

/** An id, or a namespace of the store. It begins with no dash: a magic would read an option. */
const ID = /^(\/|[\w\p{L}][\w\p{L}@+-]{0,63}(\/[\w\p{L}@+-]{1,64}){0,9})$/u;
const CONNECT = /^(https?:\/\/[\w.:[\]-]{1,200}(\/[\w.~%-]{1,64}){0,9}|[\w.-]{1,64})$/;
/** What is said of a view whose kernel has ended, and the magic that brings it back, by the command that the view names. */
const LOST = new Map<unknown, (typeof lost)['panel']>(Object.entries(lost));

/** The first `count` ids; null if one is invalid: they are untrusted, and go into a cell. */
function checkedIds(ids: unknown, count: number): string[] | null {
  const given = Array.from({ length: count }, (_, place) => (Array.isArray(ids) ? (ids[place] as unknown) : null));
  return given.every((id) => typeof id === 'string' && ID.test(id)) ? (given as string[]) : null;
}

/** The bar below this view. No text of the view itself is trusted. */
export function barFor(view: unknown, life: Life): Bar {
  const { lost } = (view ?? {}) as { lost?: { command?: unknown; ids?: unknown; connect?: unknown } | null };
  const known = LOST.get(lost?.command);
  const last = trans.__('This is the last that was seen.');
  const words = known ? trans.__(known.words, last) : '';
  const reasons: Partial<Record<Life, string>> = {
    gone: words,
    dead: words,
    alone: trans.__('No kernel is here. %1', last),
    unbound: trans.__(
      'JupyterLab makes no widgets here: close the notebook and open it again, or install jupyterlab_widgets.'
    ),
    untrusted: trans.__('This notebook is not trusted, so its buttons are off. %1', last)
  };
  const bar: Bar = { words: [otherVersion(view), known && reasons[life]].filter(Boolean).join(' '), line: '' };
  if (known && life === 'untrusted') bar.canTrust = true;
  const ids = known && life === 'gone' ? checkedIds(lost?.ids, known.ids) : null;
  if (!known || !ids) return bar;
  const [thread, run] = ids;
  if (thread && run) bar.run = { run, thread };
  return { ...bar, line: afterConnect([known.magic, ...ids].join(' '), lost?.connect) };
}

/** The advice for a view of another version; '' for this version. */
export function otherVersion(view: unknown): string {
  const { protocol } = (view ?? {}) as { protocol?: unknown };
  if (protocol === PROTOCOL) return '';
  return typeof protocol === 'number' && protocol > PROTOCOL
    ? trans.__('A newer version of lg_magics made this: reload the page.')
    : trans.__('Another version of lg_magics made this: restart the kernel and run the cell again.');
}

/** The line, after those that a new kernel needs. */
const afterConnect = (line: string, connect: unknown) =>
  typeof connect === 'string' && CONNECT.test(connect) ? `%load_ext lg_magics\n%lg_connect ${connect}\n${line}` : line;

/** The bar as a tree with at most one button. */
export function barTree({ words, line, run, canTrust }: Bar): Tree {
  const label = canTrust ? trans.__('Trust this notebook') : run ? trans.__('Reattach') : trans.__('Insert cell');
  const attributes = { key: 'back', class: 'lg-reattach', 'data-act': 'back', title: line };
  const button: Child[] = line || canTrust ? [['button', attributes, label]] : [];
  return ['div', {}, ['span', {}, words], ...button];
}
