/** The plugin of the side panel, its notifications, its item in the status bar and its commands: wiring only. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { insertCell } from './cells';
import { KERNEL_RPC, KernelConnections, type KernelRpc } from './kernel_connections';
import { NOTHING_KNOWN } from './kernel_panel';
import { notify } from './notifications';
import { PanelWidget } from './panel_widget';
import { trans, translate } from './translation';

const ID = 'lg-magics:panel';
const CATEGORY = 'LangGraph';
const LINES = {
  load: '%load_ext lg_magics',
  'connect-local': '%lg_connect local',
  home: '%lg',
  inbox: '%lg_inbox',
  'cancel-mine': '%lg_cancel --mine'
};

const plugin: JupyterFrontEndPlugin<KernelRpc> = {
  id: ID,
  description: "The side panel on the current notebook's kernel, with notifications",
  autoStart: true,
  provides: KERNEL_RPC,
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
    const panel = new PanelWidget(links, tracker, activate);
    app.shell.add(panel, 'right', { rank: 850, type: 'LangGraph' });
    restorer?.add(panel, panel.id);

    const add = (name: string, label: string, execute: () => unknown, isEnabled = () => true) => {
      const command = `lg-magics:${name}`;
      const describedBy = { args: { type: 'object', properties: {} } } as const;
      app.commands.addCommand(command, { label, describedBy, isEnabled, execute });
      palette?.addItem({ command, category: CATEGORY });
    };
    const isNotebook = () => tracker.currentWidget !== null;
    add('show-panel', trans.__('Show the LangGraph Panel'), () => activate(panel.id));
    add('refresh-panel', trans.__('Refresh the LangGraph Panel'), () => panel.refresh(), isNotebook);
    for (const [name, line] of Object.entries(LINES))
      add(`insert-${name}`, trans.__('Insert %1', line), () => insertCell(tracker.currentWidget, line), isNotebook);

    const item = statusItem(links, () => activate(panel.id));
    const isActive = () => Boolean(links.owner?.model?.known.runs); // not for a kernel without lg_magics
    const activeStateChanged = links.currentChanged as never;
    bar?.registerStatusItem(ID, { item, align: 'left', rank: 60, isActive, activeStateChanged });

    let isOn = true;
    notify(links, { isOn: () => isOn, activate, answer: (link, thread) => void panel.openQuestions(link, thread) });
    void settings?.load(ID).then((setting) => {
      const read = () => (isOn = setting.composite.notifications !== false);
      setting.changed.connect(read);
      read();
    });
    return links;
  }
};

/** The item in the status bar: live and waiting runs of the notebook in focus. */
function statusItem(links: KernelConnections, press: () => void): Widget {
  const button = document.createElement('button');
  button.type = 'button';
  button.title = trans.__('Show the LangGraph panel');
  button.onclick = press;
  const present = () => {
    const { connected, live, waiting } = links.owner?.model?.known ?? NOTHING_KNOWN;
    const counts = [live && trans.__('%1 live', live), waiting && trans.__('%1 waiting', waiting)];
    const idle = connected ? trans.__('no live run') : trans.__('not connected');
    const words = `LangGraph: ${counts.filter(Boolean).join(', ') || idle}`;
    if (button.textContent !== words) button.textContent = words;
  };
  links.currentChanged.connect(present);
  present();
  const item = new Widget();
  item.addClass('lg-status');
  item.node.append(button);
  return item;
}

export default plugin;
