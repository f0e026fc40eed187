/**
 * Draws a saved view without its kernel, and the bar below it: why the view is not live, and how to bring it back. Knows commands and the
 * page; knows no notebook and no particular view. A saved view may be any JSON. lg_magics/widgets/mime.py has the same MIME type.
 */
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

const ID = /^[\w-]{1,64}$/;
const NAMESPACE = /^(\/|\w[\w-]{0,63}(\/[\w-]{1,64}){0,9})$/;
const CONNECT = /^(https?:\/\/[\w.:[\]-]{1,200}(\/[\w.~-]{1,64}){0,9}|[\w.-]{1,64})$/;

const last = () => trans.__('This is the last that was seen.');

/** The text about a view whose kernel has ended, by the command that the view names; '' for any other. */
function wordsOf(command: unknown): string {
  switch (command) {
    case 'attach':
      return trans.__('The kernel that followed this run is gone; the run goes on without it. %1', last());
    case 'resume':
      return trans.__('The kernel that followed this run is gone; its thread still waits. %1', last());
    case 'batch':
      return trans.__(
        'The kernel that ran this batch is gone. What was launched goes on; the other rows wait. %1',
        last()
      );
    case 'retry':
      return trans.__('The kernel that ran this batch is gone. %1', last());
    case 'history':
      return trans.__('The kernel that kept this history open is gone. These are the checkpoints that were there.');
    case 'store':
      return trans.__('The kernel that kept these items open is gone. These are the items that were there.');
    case 'panel':
      return trans.__('The kernel behind this panel is gone. %1', last());
    case 'threads':
    case 'runs':
    case 'crons':
      return trans.__('The kernel that kept these %1 open is gone. These are the %1 that were there.', command);
    default:
      return '';
  }
}

/** The magic that brings a view back, by its command, and the ids that the magic takes. */
const MAGICS = new Map<unknown, [magic: string, ...ids: RegExp[]]>([
  ['attach', ['%lg_attach -t', ID, ID]],
  ['resume', ['%lg_attach -t', ID, ID]],
  ['batch', ['%lg_batch --attach', ID]],
  ['retry', ['%lg_batch --attach', ID]],
  ['history', ['%lg_history --open', ID]],
  ['store', ['%lg_store search --open', NAMESPACE]],
  ['panel', ['%lg']],
  ['threads', ['%lg_threads --open']],
  ['runs', ['%lg_runs --open']],
  ['crons', ['%lg_crons --open']]
]);

/** The ids that these patterns describe; null if one is invalid: they are untrusted, and go into a cell. */
function checkedIds(ids: unknown, patterns: RegExp[]): string[] | null {
  const given = patterns.map((_, place) => (Array.isArray(ids) ? (ids[place] as unknown) : null));
  return given.every((id, place) => typeof id === 'string' && patterns[place]!.test(id)) ? (given as string[]) : null;
}

/** The bar below this view. No text of the view itself is trusted. */
export function barFor(view: unknown, life: Life): Bar {
  const { lost } = (view ?? {}) as { lost?: { command?: unknown; ids?: unknown; connect?: unknown } | null };
  const { command, connect } = lost ?? {};
  const words = wordsOf(command);
  const reasons: Partial<Record<Life, string>> = {
    gone: words,
    dead: words,
    alone: trans.__('No kernel is here. %1', last()),
    unbound: trans.__(
      'JupyterLab makes no widgets here: close the notebook and open it again, or install jupyterlab_widgets.'
    ),
    untrusted: trans.__('This notebook is not trusted, so its buttons are off. %1', last())
  };
  const bar: Bar = { words: [otherVersion(view), words && reasons[life]].filter(Boolean).join(' '), line: '' };
  if (words && life === 'untrusted') bar.canTrust = true;
  const [magic, ...patterns] = MAGICS.get(command) ?? [];
  const ids = checkedIds(lost?.ids, patterns);
  if (life !== 'gone' || !magic || !ids) return bar;
  const [thread, run] = ids;
  if (thread && run) bar.run = { run, thread };
  return { ...bar, line: afterConnect([magic, ...ids].join(' '), connect) };
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
