/**
 * Writes into a notebook what its outputs of ours are to hold. It writes when the notebook is saved anyway, when a kernel
 * goes, and when all has ended and the kernel's own update has not arrived; never while a run only goes on, which would
 * mark the notebook as changed twenty times a second. Knows the notebook's model and not its page: a cell that is
 * scrolled away is written too. An untrusted output is left alone.
 */
import type { IOutputModel } from '@jupyterlab/rendermime';
import { VIEW } from './renderer_kinds';
import { toKeep } from './renderer_keep';
import { WIDGET_VIEW } from './renderer_manager';
import type { Models } from './renderer_models';

const GRACE = 500; // ms in which the kernel's own update arrives, where it does

/** The id of the widget that an output names. */
export function widgetOf(data: object): string | undefined {
  const view = (data as Record<string, unknown>)[WIDGET_VIEW];
  const id = (view as { model_id?: unknown } | undefined)?.model_id;
  return typeof id === 'string' ? id : undefined;
}

/** Keep the outputs of this notebook true. */
export function keepTrue(models: Models): void {
  const { context } = models.panel;
  context.saveState.connect((_, state) => {
    if (state === 'started') write(models, () => true);
  });
  models.leaving.connect(() => write(models, () => true));
  models.changed.connect(() => meet(models));
  models.kept.connect((_, id) => {
    setTimeout(() => {
      write(models, (other, over) => other === id && over);
      models.release(id);
    }, GRACE);
  });
}

function write(models: Models, isWanted: (id: string | undefined, isKept: boolean) => boolean): void {
  const { panel } = models;
  if (panel.isDisposed || panel.context.contentsModel?.writable === false) return;
  for (const output of [...outputs(models)]) {
    const id = widgetOf(output.data);
    const kept = id && models.get(id, 'kept');
    if (!isWanted(id, Boolean(kept && Object.keys(kept).length))) continue;
    const view = id && structuredClone(models.get(id, 'view')); // the widget keeps its own up to date in place
    const isGone = models.hasKernel && models.life(id, output.trusted) === 'gone';
    const next = toKeep({ ...output.data }, { view, kept, isGone });
    if (next) output.setData({ data: next as IOutputModel['data'], metadata: { ...output.metadata } });
  }
}

/** A cell that is scrolled away has nothing on the page that would ask for its widget. */
function meet(models: Models): void {
  for (const output of outputs(models)) models.life(widgetOf(output.data), output.trusted);
}

function* outputs({ panel }: Models): Generator<IOutputModel> {
  for (const cell of panel.content.model?.cells ?? []) {
    const { outputs } = cell as { outputs?: { length: number; get(place: number): IOutputModel } };
    for (let place = 0; place < (outputs?.length ?? 0); place++) {
      const output = outputs!.get(place);
      if (output.trusted && Object.hasOwn(output.data, VIEW)) yield output;
    }
  }
}
