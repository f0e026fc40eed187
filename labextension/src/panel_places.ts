/** Where in a notebook a cell is: found by its id, scrolled to, and whether anybody can see what it has shown. Knows no run. */
import type { NotebookPanel } from '@jupyterlab/notebook';

/** The place of the cell with this id; -1 if it is not in the notebook. */
export function placeOf(panel: NotebookPanel, cell: string): number {
  const { model } = panel.content;
  for (let place = 0; place < (model?.cells.length ?? 0); place++)
    if (model!.cells.get(place).id === cell) return place;
  return -1;
}

/** Go to a cell: it is the active one then, and to be seen. */
export async function goTo(
  panel: NotebookPanel,
  cell: string,
  activate: (id: string) => void
): Promise<void> {
  const place = placeOf(panel, cell);
  if (place < 0) return;
  activate(panel.id);
  await panel.revealed;
  panel.content.activeCellIndex = place;
  panel.content.deselectAll();
  await panel.content.scrollToItem(place, 'smart');
  panel.content.widgets[place]?.node
    .querySelector('.jp-OutputArea')
    ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** Whether a person who looks at the page can see what this cell has shown. */
export function isInSight(panel: NotebookPanel, cell: string): boolean {
  const place = placeOf(panel, cell);
  if (place < 0 || document.hidden || !panel.isVisible) return false;
  const output = panel.content.widgets[place]?.node.querySelector('.jp-OutputArea');
  if (!output?.isConnected) return false;
  const [box, frame] = [output.getBoundingClientRect(), panel.content.node.getBoundingClientRect()];
  return box.height > 0 && box.bottom > frame.top && box.top < frame.bottom;
}
