/** The panel's keys: arrows, Home and End from row to row, Escape out of what is open. Knows its rows; draws nothing. */
import { keepOwnKeys } from './own_keys';
import type { ListName } from './panel';

const MOVES = ['ArrowUp', 'ArrowDown', 'Home', 'End'];

export interface Moves {
  stopAt(name: ListName, id: string): void;
  leave(): boolean;
}

export function hearPanelKeys(element: HTMLElement, panel: Moves, signal: AbortSignal): void {
  element.addEventListener('keydown', (event) => press(element, panel, event), { signal });
  const come = ({ target }: FocusEvent) => {
    const head = (target as HTMLElement).closest<HTMLElement>('.lg-rowhead');
    if (head) panel.stopAt(listOf(head), head.dataset.id!);
  };
  element.addEventListener('focusin', come, { signal });
}

const listOf = (head: HTMLElement) =>
  /lg-(waiting|runs|threads|store|crons)\b/.exec(head.closest('.lg-sec')!.className)![1] as ListName;

function press(element: HTMLElement, panel: Moves, event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  keepOwnKeys(event);
  if (ctrlKey || metaKey || altKey || shiftKey) return;
  if (key === 'Escape') {
    const head = target.closest('.lg-row')?.querySelector<HTMLElement>('.lg-rowhead');
    if (target.closest('.lg-open, .lg-question, .lg-rowhead') && panel.leave()) head?.focus();
    else return;
  } else if (MOVES.includes(key) && target.matches('.lg-rowhead')) move(target, key);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function move(from: HTMLElement, key: string): void {
  const heads = [...from.closest('.lg-list')!.querySelectorAll<HTMLElement>('.lg-rowhead')];
  const place = heads.indexOf(from);
  const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: heads.length - 1 }[key] ?? place;
  heads[Math.max(0, Math.min(heads.length - 1, to))]?.focus();
}
