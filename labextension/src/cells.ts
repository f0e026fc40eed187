/** Cells of notebooks: insert one, find one by its id, scroll to it. Knows notebooks; knows no view and no run. */
import { type INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { INSERT_CELL } from '../runtime/page';

export const PANEL = 'lg-magics-panel';

/** Insert a code cell below the active one, without running it. Returns whether the notebook allows it. */
export function insertCell(panel: NotebookPanel | null, text: unknown): boolean {
  const notebook = panel?.content;
  if (!notebook?.model || notebook.model.readOnly || typeof text !== 'string') return false;
  NotebookActions.insertBelow(notebook);
  NotebookActions.changeCellType(notebook, 'code');
  notebook.activeCell?.model.sharedModel.setSource(text);
  return true;
}

/**
 * Insert the cells that views request by an event: a widget can reach JupyterLab only through the page. The default of an event is
 * prevented when its cell was inserted. A cell from the side panel goes into the notebook in focus.
 */
export function insertForViews(tracker: INotebookTracker): void {
  document.addEventListener(INSERT_CELL, (event) => {
    const { target, detail } = event as CustomEvent<{ text?: unknown } | null>;
    const at = target as Element;
    const isInPanel = at.closest(`#${PANEL}`);
    const panel = isInPanel ? tracker.currentWidget : (tracker.find(({ node }) => node.contains(at)) ?? null);
    const place = panel?.content.widgets.findIndex(({ node }) => node.contains(at)) ?? -1;
    if (panel && place >= 0) panel.content.activeCellIndex = place;
    if (insertCell(panel, detail?.text)) event.preventDefault();
  });
}

/** The index of the cell with this id; -1 if it is not in the notebook. */
export const placeOf = ({ content }: NotebookPanel, cell: string): number =>
  [...(content.model?.cells ?? [])].findIndex(({ id }) => id === cell);

/** Make a cell the active one, and scroll to its output. */
export async function revealCell(panel: NotebookPanel, cell: string, activate: (id: string) => void): Promise<void> {
  const place = placeOf(panel, cell);
  if (place < 0) return;
  activate(panel.id);
  await panel.revealed;
  panel.content.activeCellIndex = place;
  panel.content.deselectAll();
  await panel.content.scrollToItem(place, 'smart');
  outputOf(panel, place)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** Whether the output of this cell is visible on the page now. */
export function isVisible(panel: NotebookPanel, cell: string): boolean {
  const place = placeOf(panel, cell);
  const output = place < 0 || document.hidden || !panel.isVisible ? null : outputOf(panel, place);
  if (!output?.isConnected) return false;
  const [box, frame] = [output.getBoundingClientRect(), panel.content.node.getBoundingClientRect()];
  return box.height > 0 && box.bottom > frame.top && box.top < frame.bottom;
}

const outputOf = ({ content }: NotebookPanel, place: number) =>
  content.widgets[place]?.node.querySelector('.jp-OutputArea');
