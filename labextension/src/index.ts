/** The JupyterLab plugins. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { INSERT_CELL } from '../runtime/page';
import { insertCell, insertForViews } from './cells';
import panel from './panel';
import renderer from './renderer';

const properties = { text: { type: 'string', description: 'The source of the new cell' } } as const;

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'lg-magics:commands',
  description: 'Commands that the cards of lg_magics use',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker) => {
    app.commands.addCommand(INSERT_CELL, {
      label: 'Insert a code cell with this text below the active cell',
      describedBy: { args: { type: 'object', properties, required: ['text'] } },
      isEnabled: () => tracker.currentWidget !== null,
      execute: ({ text }) => insertCell(tracker.currentWidget, text)
    });
    insertForViews(tracker);
  }
};

export default [plugin, renderer, panel];
