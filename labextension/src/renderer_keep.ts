/** What a notebook is to hold of an output of ours. Pure: from what it holds, and what its widget last said. */
import { VIEW } from './renderer_kinds';
import { WIDGET_VIEW } from './renderer_manager';

type Data = Record<string, unknown>;

/** What is known of an output's widget. */
export interface Last {
  /** The view that it showed last; nothing if that is not known. */
  view?: unknown;
  /** What the kernel wants to be kept of it, if all has ended: HTML and text, and whether that is all. */
  kept?: unknown;
  /** It will never live again. */
  isGone: boolean;
}

/** The output's new data; null if they are to stay as they are. */
export function toKeep(data: Data, { view, kept, isGone }: Last): Data | null {
  const picture = pictureIn(kept);
  if (picture?.over) return picture.data;
  const next: Data = { ...data, ...picture?.data, ...(view ? { [VIEW]: view } : {}) };
  if (isGone) delete next[WIDGET_VIEW]; // other hosts would show a broken widget, and not the HTML
  return JSON.stringify(next) === JSON.stringify(data) ? null : next;
}

function pictureIn(kept: unknown): { over: boolean; data: Data } | null {
  const { over, 'text/html': html, 'text/plain': text } = (kept ?? {}) as Data;
  if (typeof html !== 'string' || typeof text !== 'string') return null;
  return { over: over === true, data: { 'text/html': html, 'text/plain': text } };
}
