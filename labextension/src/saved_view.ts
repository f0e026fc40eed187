/**
 * Draws a saved view without its kernel, and the bar below it: why the view is not live, and how to bring it back. Knows commands and the
 * page; knows no notebook and no particular view. A saved view may be any JSON. lg_magics/widgets/mime.py has the same MIME type.
 */
import { checked } from '../runtime/allowed';
import type { Child, Tree } from '../runtime/tree';
import { PROTOCOL } from '../runtime/tree_source';
import { View } from '../runtime/view';
import { trans } from './translation';
import { visibleText, visibleTree } from './visible_text';
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
  const life = new AbortController();
  const { tree } = (view ?? {}) as { tree?: unknown };
  const ask = {} as never; // it has no controls
  element.replaceChildren();
  new View(element, ask, '', life.signal).show({ tree: visibleTree(checked(tree)), ahead: 0, isLive: false });
  life.abort();
}

const ID = /^[\w-]{1,64}$/;
const NAMESPACE = /^(\/|\w[\w-]{0,63}(\/[\w-]{1,64}){0,9})$/;
const CONNECT = /^(https?:\/\/[\w.:[\]-]{1,200}(\/[\w.~-]{1,64}){0,9}|[\w.-]{1,64})$/;

type LossOf = (ids: string[]) => Bar;

const last = () => trans.__('This is the last that was seen.');

/** The text about a view whose kernel has ended, by the command that the view names. No text of the view itself is trusted. */
const LOSSES = new Map<unknown, LossOf>([
  [
    'attach',
    runLoss(() => trans.__('The kernel that followed this run is gone; the run goes on without it. %1', last()))
  ],
  ['resume', runLoss(() => trans.__('The kernel that followed this run is gone; its thread still waits. %1', last()))],
  [
    'batch',
    loss(
      () =>
        trans.__('The kernel that ran this batch is gone. What was launched goes on; the other rows wait. %1', last()),
      '%lg_batch --attach'
    )
  ],
  ['retry', loss(() => trans.__('The kernel that ran this batch is gone. %1', last()), '%lg_batch --attach')],
  [
    'history',
    loss(
      () => trans.__('The kernel that kept this history open is gone. These are the checkpoints that were there.'),
      '%lg_history --open'
    )
  ],
  [
    'store',
    ([prefix = '/']) =>
      loss(
        () => trans.__('The kernel that kept these items open is gone. These are the items that were there.'),
        '%lg_store search --open',
        NAMESPACE
      )([prefix])
  ],
  ['panel', () => ({ words: trans.__('The kernel behind this panel is gone. %1', last()), line: '%lg' })],
  [
    'threads',
    () => ({
      words: trans.__('The kernel that kept these threads open is gone. These are the threads that were there.'),
      line: '%lg_threads --open'
    })
  ],
  [
    'runs',
    () => ({
      words: trans.__('The kernel that kept these runs open is gone. These are the runs that were there.'),
      line: '%lg_runs --open'
    })
  ],
  [
    'crons',
    () => ({
      words: trans.__('The kernel that kept these crons open is gone. These are the crons that were there.'),
      line: '%lg_crons --open'
    })
  ]
]);

/** A bar whose line has the magic and the view's id; without a line if the id is invalid: it is untrusted, and goes into a cell. */
function loss(words: () => string, magic: string, pattern = ID): LossOf {
  return ([id = '']) => ({ words: words(), line: pattern.test(id) ? `${magic} ${id}` : '' });
}

function runLoss(words: () => string): LossOf {
  return ([thread = '', run = '']) =>
    ID.test(thread) && ID.test(run)
      ? { words: words(), line: `%lg_attach -t ${thread} ${run}`, run: { run, thread } }
      : { words: words(), line: '' };
}

/** The bar below this view. */
export function barFor(view: unknown, life: Life): Bar {
  const { lost } = (view ?? {}) as { lost?: { command?: unknown; ids?: unknown; connect?: unknown } | null };
  const ids = Array.isArray(lost?.ids) ? lost.ids.filter((id): id is string => typeof id === 'string') : [];
  const { words = '', ...way } = LOSSES.get(lost?.command)?.(ids) ?? { line: '' };
  const reasons: Record<Life, string> = {
    live: '',
    pending: '',
    gone: words,
    dead: words,
    alone: trans.__('No kernel is here. %1', last()),
    unbound: trans.__(
      'JupyterLab makes no widgets here: close the notebook and open it again, or install jupyterlab_widgets.'
    ),
    untrusted: trans.__('This notebook is not trusted, so its buttons are off. %1', last())
  };
  const isBack = words && life === 'gone';
  return {
    words: [otherVersion(view), words && reasons[life]].filter(Boolean).join(' '),
    ...(isBack ? { ...way, line: afterConnect(way.line, lost?.connect) } : { line: '' }),
    ...(words && life === 'untrusted' && { canTrust: true })
  };
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
  line && typeof connect === 'string' && CONNECT.test(connect)
    ? `%load_ext lg_magics\n%lg_connect ${connect}\n${line}`
    : line;

/** The bar as a tree with at most one button. */
export function barTree({ words, line, run, canTrust }: Bar): Tree {
  const label = canTrust ? trans.__('Trust this notebook') : run ? trans.__('Reattach') : trans.__('Insert cell');
  const attributes = { key: 'back', class: 'lg-reattach', 'data-act': 'back', title: visibleText(line) };
  const button: Child[] = line || canTrust ? [['button', attributes, label]] : [];
  return ['div', {}, ['span', {}, visibleText(words)], ...button];
}
