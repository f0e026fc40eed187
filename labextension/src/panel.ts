/** The plugin of the side panel, its notifications, its item in the status bar and its commands: wiring only. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { insertCell } from './insert_cell';
import { KERNEL_TALK, type KernelTalk } from './kernel_talk';
import { Links } from './panel_links';
import { warnOfCrons } from './panel_farewell';
import { notify } from './panel_notify';
import { StatusItem } from './panel_status';
import { PanelWidget } from './panel_widget';

const ID = 'lg-magics:panel';
const CATEGORY = 'LangGraph';

const plugin: JupyterFrontEndPlugin<KernelTalk> = {
  id: ID,
  description: "The side panel on the current notebook's kernel, with notifications",
  autoStart: true,
  provides: KERNEL_TALK,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ISettingRegistry, IStatusBar, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null,
    bar: IStatusBar | null,
    restorer: ILayoutRestorer | null
  ) => {
    const links = new Links(tracker);
    const activate = (id: string) => app.shell.activateById(id);
    const panel = new PanelWidget(links, tracker, activate);
    app.shell.add(panel, 'right', { rank: 850, type: 'LangGraph' });
    restorer?.add(panel, panel.id);
    addCommands(app, tracker, panel, palette);
    const item = new StatusItem(links, () => activate(panel.id));
    bar?.registerStatusItem(ID, {
      item,
      align: 'left',
      rank: 60,
      isActive: () => item.isActive,
      activeStateChanged: links.currentChanged as never
    });
    let isOn = true;
    notify(links, {
      isOn: () => isOn,
      activate,
      answer: (link, thread) => void panel.openQuestions(link, thread)
    });
    warnOfCrons(links, () => isOn);
    void follow(settings, (value) => (isOn = value));
    return links;
  }
};

/** Hear what the setting says, now and whenever it changes. */
async function follow(registry: ISettingRegistry | null, set: (isOn: boolean) => void): Promise<void> {
  if (!registry) return;
  const settings = await registry.load(ID);
  const read = () => set(settings.composite.notifications !== false);
  settings.changed.connect(read);
  read();
}

function addCommands(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  panel: PanelWidget,
  palette: ICommandPalette | null
): void {
  const isEnabled = () => tracker.currentWidget !== null;
  const args = { type: 'object', properties: {} } as const;
  const lines: [name: string, label: string, line: string][] = [
    ['load', 'Insert %load_ext lg_magics', '%load_ext lg_magics'],
    ['connect-local', 'Insert %lg_connect local', '%lg_connect local'],
    ['home', 'Insert %lg', '%lg'],
    ['inbox', 'Insert %lg_inbox', '%lg_inbox'],
    ['cancel-mine', 'Insert %lg_cancel --mine', '%lg_cancel --mine']
  ];
  app.commands.addCommand('lg-magics:show-panel', {
    label: 'Show the LangGraph Panel',
    describedBy: { args },
    execute: () => app.shell.activateById(panel.id)
  });
  app.commands.addCommand('lg-magics:refresh-panel', {
    label: 'Refresh the LangGraph Panel',
    describedBy: { args },
    isEnabled,
    execute: () => panel.refresh()
  });
  for (const [name, label, line] of lines)
    app.commands.addCommand(`lg-magics:insert-${name}`, {
      label,
      describedBy: { args },
      isEnabled,
      execute: () => insertCell(tracker.currentWidget, line)
    });
  const names = ['show-panel', 'refresh-panel', ...lines.map(([name]) => `insert-${name}`)];
  for (const name of names) palette?.addItem({ command: `lg-magics:${name}`, category: CATEGORY });
}

export default plugin;
