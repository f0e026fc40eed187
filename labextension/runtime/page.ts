/** Services of the page for a view: copy text, insert a cell. Knows no view and no notebook. */

/** The result of an action, as text for the user. */
export interface Outcome {
  words: string;
  isFailure: boolean;
}

export const NO_COPY: Outcome = { words: 'Copying is not allowed.', isFailure: true };

/** The event that requests a new cell with `detail.text`. The handler that inserts it prevents the default: src/cells.ts. */
export const INSERT_CELL = 'lg-magics:insert-cell';

/** Copy text, also on pages without a clipboard (plain http). Returns whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement as HTMLElement | null;
  const area = document.createElement('textarea');
  area.value = text;
  area.style.cssText = 'position:fixed;opacity:0';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    focused?.focus();
  }
}

/** Insert a cell; copy its text if the page cannot insert one. */
export async function insertOrCopy(element: Element, text: string): Promise<Outcome> {
  const event = new CustomEvent(INSERT_CELL, { bubbles: true, cancelable: true, detail: { text } });
  if (!element.dispatchEvent(event)) return { words: 'Inserted below, not run.', isFailure: false };
  return (await copyText(text)) ? { words: 'Copied: no cell can be inserted here.', isFailure: false } : NO_COPY;
}
