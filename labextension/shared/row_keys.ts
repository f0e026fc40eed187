/**
 * The keys of a grid of rows with one stop for Tab: arrows, Home and End move, Enter and the space bar choose. Rows are
 * `tr[data-id]`. What a control handles itself stays inside (own_keys.ts).
 */
import { keepOwnKeys } from './own_keys';

export interface Rows {
  readonly ids: string[];
  /** The row that Tab comes to. */
  readonly stop: string;
  select(id: string): void;
  stopAt(id: string): void;
}

const MOVES = ['ArrowUp', 'ArrowDown', 'Home', 'End'];

export function hearRowKeys(element: HTMLElement, rows: Rows, signal: AbortSignal): void {
  element.addEventListener('keydown', (event) => press(element, rows, event), { signal });
  const come = ({ target }: FocusEvent) => {
    const { id } = (target as HTMLElement).dataset;
    if (id != null && id !== rows.stop) rows.stopAt(id); // where the focus is in the grid, there Tab comes back to
  };
  element.addEventListener('focusin', come, { signal });
}

function press(element: HTMLElement, rows: Rows, event: KeyboardEvent): void {
  const { key } = event;
  const target = event.target as HTMLElement;
  keepOwnKeys(event);
  const id = target.closest('button, summary, textarea') ? null : target.dataset.id;
  if (id == null || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (MOVES.includes(key)) move(element, rows, id, key);
  else if ('Enter '.includes(key)) rows.select(id);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function move(element: HTMLElement, { ids }: Rows, from: string, key: string): void {
  const last = ids.length - 1;
  const place = ids.indexOf(from);
  const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: last }[key] ?? place;
  const id = ids[Math.max(0, Math.min(last, to))];
  [...element.querySelectorAll<HTMLElement>('tr[data-id]')].find((row) => row.dataset.id === id)?.focus();
}
