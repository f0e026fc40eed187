/**
 * A card's wish for a new cell: the event `lg-magics:insert-cell` on any element of a notebook, with `detail.text`.
 * A widget has no way to JupyterLab's commands but the page. The cell is not run. Knows notebooks, no cards. What the side panel
 * wishes for goes into the notebook in focus.
 */
import type { INotebookTracker } from '@jupyterlab/notebook';
import { INSERT_CELL, insertCell } from './insert_cell';

/** The element of the side panel. */
export const PANEL = 'lg-magics-panel';

/** Hear such wishes; one that is granted has its default prevented, which tells the card so. */
export function insertForCards(tracker: INotebookTracker): void {
  document.addEventListener(INSERT_CELL, (event) => {
    const { target, detail } = event as CustomEvent<{ text?: unknown } | null>;
    const at = target as Element;
    const isBeside = at.closest(`#${PANEL}`);
    const panel = isBeside ? tracker.currentWidget : (tracker.find(({ node }) => node.contains(at)) ?? null);
    const place = panel?.content.widgets.findIndex(({ node }) => node.contains(at)) ?? -1;
    if (panel && place >= 0) panel.content.activeCellIndex = place;
    if (insertCell(panel, detail?.text)) event.preventDefault();
  });
}
