/** `lg-magics:insert-cell`: a new code cell below the active one, not run. Knows notebooks, no cards. */
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

export const INSERT_CELL = 'lg-magics:insert-cell';
export const INSERT_CELL_ARGUMENTS = {
  type: 'object',
  properties: { text: { type: 'string', description: 'The source of the new cell' } },
  required: ['text']
} as const;

/** Says whether a cell was inserted; a notebook that is not there or only to be read is left alone. */
export function insertCell(panel: NotebookPanel | null, text: unknown): boolean {
  const notebook = panel?.content;
  if (!notebook?.model || notebook.model.readOnly || typeof text !== 'string') return false;
  NotebookActions.insertBelow(notebook);
  NotebookActions.changeCellType(notebook, 'code');
  notebook.activeCell?.model.sharedModel.setSource(text);
  return true;
}
