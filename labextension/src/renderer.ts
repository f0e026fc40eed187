/** The plugin that draws our outputs in JupyterLab and Notebook, with or without a kernel: wiring only. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import { KERNEL_RPC, type KernelRpc } from './kernel_connections';
import { syncOutputs } from './output_sync';
import { OutputView, type Place } from './output_view';
import { VIEW } from './saved_view';
import { translate } from './translation';
import { boundRegistry, WidgetModels } from './widget_models';

const RANK = -20; // ipywidgets has -10

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'lg-magics:renderer',
  description: 'Draws the outputs of lg_magics, also when their kernel is gone',
  autoStart: true,
  requires: [IRenderMimeRegistry, INotebookTracker],
  optional: [KERNEL_RPC, ITranslator],
  activate: (
    app,
    shared: IRenderMimeRegistry,
    tracker: INotebookTracker,
    rpc: KernelRpc | null,
    translator: ITranslator | null
  ) => {
    translate(translator);
    const known = new WeakMap<NotebookPanel, WidgetModels>();
    const modelsOf = (panel: NotebookPanel): WidgetModels => {
      const models = known.get(panel) ?? new WidgetModels(panel, shared);
      if (!known.has(panel)) syncOutputs(models);
      known.set(panel, models);
      return models;
    };
    const find = (at: Widget): Place => {
      const panel = notebookOf(at, tracker);
      if (panel) return { models: modelsOf(panel), registry: panel.content.rendermime };
      return { models: null, registry: boundRegistry(at, shared) };
    };
    // JupyterLab's own command, with its own dialog; it acts on the notebook that is active.
    const trust = async (panel: NotebookPanel): Promise<void> => {
      app.shell.activateById(panel.id);
      await app.commands.execute('notebook:trust');
    };
    const createRenderer = () => new OutputView(find, rpc, trust);
    shared.addFactory({ safe: true, mimeTypes: [VIEW], createRenderer }, RANK);
    tracker.forEach(modelsOf);
    tracker.widgetAdded.connect((_, panel) => void modelsOf(panel));
  }
};

/** The notebook that contains a widget; for "Create New View for Cell Output", the notebook of that output. */
function notebookOf(place: Widget, tracker: INotebookTracker): NotebookPanel | null {
  for (let at: Widget | null = place; at; at = at.parent) {
    if (at instanceof NotebookPanel) return at;
    const { path } = at as { path?: unknown };
    if (at.id.startsWith('LinkedOutputView-')) return tracker.find(({ context }) => context.path === path) ?? null;
  }
  return null;
}

export default plugin;
