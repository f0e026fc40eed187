/**
 * Writes the current state of our outputs into a notebook: when the notebook is saved, when its kernel ends, and when a view has ended
 * but the kernel's own update has not arrived. A live run writes nothing, since that would mark the notebook as changed twenty times a
 * second. Uses the notebook's model, not its page, so that cells outside the visible part are written too.
 */
import type { IOutputModel } from '@jupyterlab/rendermime';
import { VIEW } from './saved_view';
import { WIDGET_VIEW, widgetOf, type WidgetModels } from './widget_models';

const GRACE = 500; // ms in which the kernel's own update arrives, if it does
const NOTE = 'lg_magics_note'; // in the metadata of a line that shows what a command waits for

type Data = Record<string, unknown>;

/** A cell; only code cells have outputs. */
interface Cell {
  outputs?: { length: number; get(place: number): IOutputModel; remove(place: number): void };
  executionState?: string;
}

/** The last known state of an output's widget. */
export interface Last {
  /** The last view that it showed, if it is known. */
  view?: unknown;
  /** What the kernel wants to be saved after the end, by MIME type, and whether it replaces the view. */
  kept?: unknown;
  /** Whether it has ended for good. */
  isGone: boolean;
}

/** The output's new data; null if nothing changes. */
export function toKeep(data: Data, { view, kept, isGone }: Last): Data | null {
  const { over, ...picture } = (kept ?? {}) as Data;
  const isPicture = typeof picture['text/plain'] === 'string';
  if (isPicture && over === true) return picture;
  const next: Data = { ...data, ...(isPicture && picture), ...(view ? { [VIEW]: view } : {}) };
  if (isGone) delete next[WIDGET_VIEW]; // other hosts would show a broken widget instead of the HTML
  return JSON.stringify(next) === JSON.stringify(data) ? null : next;
}

/** Keep the outputs of this notebook up to date from now on. */
export function syncOutputs(models: WidgetModels): void {
  /** Widgets that have ended. The kernel keeps them until their last states are on the disk: a reload loses what is not saved. */
  const ended = new Set<string>();
  let saving: string[] = [];
  models.panel.context.saveState.connect((_, state) => {
    if (state === 'completed') for (const id of saving) if (ended.delete(id)) models.release(id);
    if (state !== 'started') return;
    removeNotes(models);
    write(models);
    saving = [...ended];
  });
  models.leaving.connect(() => write(models));
  models.changed.connect(() => {
    // A cell outside the visible part has no element that would request its widget.
    for (const { data, trusted } of outputs(models)) models.life(widgetOf(data), trusted);
  });
  models.kept.connect((_, id) => {
    setTimeout(() => {
      write(models, id);
      if (models.panel.context.canSave === false) models.release(id);
      else ended.add(id);
    }, GRACE);
  });
}

/** Write every output, or only that of a widget whose final output the kernel has sent. */
function write(models: WidgetModels, only?: string): void {
  for (const output of [...outputs(models)]) {
    const id = widgetOf(output.data);
    const kept = id && models.get(id, 'kept');
    if (only && (id !== only || !Object.keys(kept ?? {}).length)) continue;
    const view = id && structuredClone(models.get(id, 'view')); // the widget updates its own in place
    const isGone = models.kernel === 'alive' && models.life(id, output.trusted) === 'gone';
    const next = toKeep({ ...output.data }, { view, kept, isGone });
    if (next) output.setData({ data: next as IOutputModel['data'], metadata: { ...output.metadata } });
  }
}

/** Whether an output is a note that the kernel has emptied. */
export function isEndedNote({ trusted, data, metadata }: Pick<IOutputModel, 'trusted' | 'data' | 'metadata'>): boolean {
  return trusted && Object.hasOwn(metadata, NOTE) && Object.keys(data).length === 0;
}

/** Remove the outputs of notes that have ended: no message of a kernel removes one output. A running cell may show its note again. */
function removeNotes(models: WidgetModels): void {
  for (const { outputs, executionState } of cells(models)) {
    if (!outputs || executionState === 'running') continue;
    for (let place = outputs.length - 1; place >= 0; place--)
      if (isEndedNote(outputs.get(place))) outputs.remove(place);
  }
}

/** Our trusted outputs; untrusted ones are not changed. */
function* outputs(models: WidgetModels): Generator<IOutputModel> {
  for (const { outputs } of cells(models))
    for (let place = 0; place < (outputs?.length ?? 0); place++) {
      const output = outputs!.get(place);
      if (output.trusted && Object.hasOwn(output.data, VIEW)) yield output;
    }
}

/** The cells of a notebook that can be written. */
function cells({ panel }: WidgetModels): Cell[] {
  if (panel.isDisposed || panel.context.contentsModel?.writable === false) return [];
  return [...(panel.content.model?.cells ?? [])] as Cell[];
}
