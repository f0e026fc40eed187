/** The JupyterLab plugins: wiring only. Each command says in its own file what it does. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { insertCell, INSERT_CELL, INSERT_CELL_ARGUMENTS } from './insert_cell';
import { insertForCards } from './insert_for_card';
import panel from './panel';
import renderer from './renderer';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'lg-magics:commands',
  description: 'Commands that the cards of lg_magics use',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker) => {
    app.commands.addCommand(INSERT_CELL, {
      label: 'Insert a code cell with this text below the active cell',
      describedBy: { args: INSERT_CELL_ARGUMENTS },
      isEnabled: () => tracker.currentWidget !== null,
      execute: ({ text }) => insertCell(tracker.currentWidget, text)
    });
    insertForCards(tracker);
  }
};

export default [plugin, renderer, panel];
