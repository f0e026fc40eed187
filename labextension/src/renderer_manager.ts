/**
 * ipywidgets' manager of a notebook. It gives that to nobody, so the one private thing that is needed of it is asked for
 * here and nowhere else: its renderer of widgets, made for a notebook, holds a promise of the manager.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

export const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
const BINDS_WITHIN = 10_000; // ms after the kernel is there
const LOOKS_EVERY = 50; // ms

export interface Model {
  comm_live: boolean;
  get(trait: string): unknown;
  send(content: object): void;
  on(event: string, callback: () => void, context: object): void;
  off(event: null, callback: null, context: object): void;
}

export interface Manager {
  has_model(id: string): boolean;
  get_model(id: string): Promise<Model>;
  restoredStatus: boolean;
  restored: ISignal<unknown, void>;
}

/** The registry of a place that is no notebook, as a console, if ipywidgets has put its factory there too. */
export function boundRegistry(place: Widget, shared: IRenderMimeRegistry): IRenderMimeRegistry | null {
  for (let at: Widget | null = place; at; at = at.parent) {
    const { rendermime } = at as { rendermime?: IRenderMimeRegistry };
    if (rendermime) return isBound(rendermime, shared) ? rendermime : null;
  }
  return null;
}

const isBound = (registry: IRenderMimeRegistry, shared: IRenderMimeRegistry) =>
  registry.getFactory(WIDGET_VIEW) !== shared.getFactory(WIDGET_VIEW);

/** The manager; `none` if ipywidgets binds none to this notebook, `hidden` if it is one that cannot be reached. */
export async function managerOf(
  panel: NotebookPanel,
  shared: IRenderMimeRegistry
): Promise<Manager | 'none' | 'hidden'> {
  const { rendermime } = panel.content;
  const until = performance.now() + BINDS_WITHIN;
  // ipywidgets puts a factory of its own into the notebook's registry, once the kernel is there; there is no signal.
  while (!isBound(rendermime, shared)) {
    if (panel.isDisposed || performance.now() > until) return 'none';
    await new Promise((next) => setTimeout(next, LOOKS_EVERY));
  }
  const renderer = rendermime.createRenderer(WIDGET_VIEW);
  const promised = (renderer as unknown as { _manager?: { promise?: Promise<Manager> } })._manager?.promise;
  const manager = await promised;
  renderer.dispose();
  return manager && 'has_model' in manager && 'restored' in manager ? manager : 'hidden';
}
