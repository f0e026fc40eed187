/** A line for a new cell: wished for from the page, and copied where nobody makes one. Knows no notebook. */
import { copyText, NO_COPY } from './copy';

/** Asks the page for a new cell with `detail.text`; who made one prevents the default. src/insert_for_card.ts hears it. */
export const INSERT = 'lg-magics:insert-cell';

export interface Told {
  said: string;
  failure: string;
}

/** Insert a cell, or copy its text; what to tell of that. */
export async function insertOrCopy(element: Element, text: string): Promise<Told> {
  const wish = new CustomEvent(INSERT, { bubbles: true, cancelable: true, detail: { text } });
  if (!element.dispatchEvent(wish)) return { said: 'Inserted below, not run.', failure: '' };
  if (await copyText(text)) return { said: 'Copied: no cell can be inserted here.', failure: '' };
  return { said: '', failure: NO_COPY };
}
