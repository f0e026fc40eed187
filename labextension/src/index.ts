/** The JupyterLab plugins: wiring only. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';
import { INSERT_CELL } from '../runtime/page';
import { insertCell, insertForViews } from './cells';
import { KernelConnections, KERNELS } from './kernel_connections';
import { magicLineDecorations } from './magic_lines';
import { notify } from './notifications';
import { syncOutputs } from './output_sync';
import { OutputView, type Place } from './output_view';
import { PanelWidget, statusItem } from './panel_widget';
import { VIEW } from './saved_view';
import { trans, translate } from './translation';
import { boundRegistry, WidgetModels } from './widget_models';

const commands: JupyterFrontEndPlugin<void> = {
  id: 'lg-magics:commands',
  description: 'Commands that the cards of lg_magics use',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker, translator: ITranslator | null) => {
    translate(translator);
    const properties = { text: { type: 'string', description: trans.__('The source of the new cell') } } as const;
    app.commands.addCommand(INSERT_CELL, {
      label: trans.__('Insert a code cell with this text below the active cell'),
      describedBy: { args: { type: 'object', properties, required: ['text'] } },
      isEnabled: () => tracker.currentWidget !== null,
      execute: ({ text }) => insertCell(tracker.currentWidget, text)
    });
    insertForViews(tracker);
  }
};

const renderer: JupyterFrontEndPlugin<void> = {
  id: 'lg-magics:renderer',
  description: 'Draws the outputs of lg_magics, also when their kernel is gone',
  autoStart: true,
  requires: [IRenderMimeRegistry, INotebookTracker],
  optional: [KERNELS, ITranslator],
  activate: (
    app,
    shared: IRenderMimeRegistry,
    tracker: INotebookTracker,
    links: KernelConnections | null,
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
    const createRenderer = () => new OutputView(find, links, trust);
    shared.addFactory({ safe: true, mimeTypes: [VIEW], createRenderer }, -20); // ipywidgets has -10
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

const ID = 'lg-magics:panel';
const LINES = {
  load: '%load_ext lg_magics',
  'connect-local': '%lg_connect local',
  home: '%lg',
  inbox: '%lg_inbox',
  'cancel-mine': '%lg_cancel --mine'
};

const panel: JupyterFrontEndPlugin<KernelConnections> = {
  id: ID,
  description: "The side panel on the current notebook's kernel, with notifications",
  autoStart: true,
  provides: KERNELS,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ISettingRegistry, IStatusBar, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null,
    bar: IStatusBar | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    translate(translator);
    const links = new KernelConnections(tracker);
    const activate = (id: string) => app.shell.activateById(id);
    const side = new PanelWidget(links, activate);
    app.shell.add(side, 'right', { rank: 850, type: 'LangGraph' });
    restorer?.add(side, side.id);

    const add = (name: string, label: string, execute: () => unknown, isEnabled = () => true) => {
      const command = `lg-magics:${name}`;
      const describedBy = { args: { type: 'object', properties: {} } } as const;
      app.commands.addCommand(command, { label, describedBy, isEnabled, execute });
      palette?.addItem({ command, category: 'LangGraph' });
    };
    const isNotebook = () => tracker.currentWidget !== null;
    add('show-panel', trans.__('Show the LangGraph Panel'), () => activate(side.id));
    add('refresh-panel', trans.__('Refresh the LangGraph Panel'), () => side.refresh(), isNotebook);
    for (const [name, line] of Object.entries(LINES))
      add(`insert-${name}`, trans.__('Insert %1', line), () => insertCell(tracker.currentWidget, line), isNotebook);

    const item = statusItem(links, () => activate(side.id));
    const isActive = () => Boolean(links.owner?.model?.known); // not for a kernel without lg_magics
    const activeStateChanged = links.currentChanged as never;
    bar?.registerStatusItem(ID, { item, align: 'left', rank: 60, isActive, activeStateChanged });

    let isOn = true;
    notify(links, side, () => isOn);
    void settings?.load(ID).then((setting) => {
      const read = () => (isOn = setting.composite.notifications !== false);
      setting.changed.connect(read);
      read();
    });
    return links;
  }
};

const magicLines: JupyterFrontEndPlugin<void> = {
  id: 'lg-magics:magic-lines',
  description: 'Shows lines of lg_magics as text in editors',
  autoStart: true,
  optional: [IEditorExtensionRegistry],
  activate: (_, registry: IEditorExtensionRegistry | null) => {
    const factory = () => EditorExtensionRegistry.createImmutableExtension(magicLineDecorations);
    registry?.addExtension({ name: 'lg-magics:magic-lines', factory });
  }
};

export default [commands, renderer, panel, magicLines];
