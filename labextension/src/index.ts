/** The JupyterLab plugins. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { INSERT_CELL } from '../runtime/page';
import { insertCell, insertForViews } from './cells';
import magicLines from './magic_lines';
import panel from './panel';
import renderer from './renderer';
import { trans, translate } from './translation';

const plugin: JupyterFrontEndPlugin<void> = {
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

export default [plugin, renderer, panel, magicLines];
