/** What only the page knows about a panel, and what a person can do on it. Types alone; nothing of it travels to the kernel. */
import type { Wanted } from './dom';
import type { Told } from './insert';
import type { Action, ListName, Name, Row, Section } from './panel';
import type { PanelModel } from './panel_model';
import type { Answers } from './page';

/** What is to be seen: a kernel's panel, or why there is none. */
export interface PanelView {
  /** The notebook that it is about. */
  title: string;
  /** Why there is nothing to see; '' if there is. */
  words: string;
  /** Lines for a cell that do something about it. */
  lines: string[];
  /** Whether looking again may help. */
  again: boolean;
  model: PanelModel | null;
}

/** Something that is asked back before it is done. */
export interface Question {
  /** What it is about: `keyOf` the action, the section and the row. */
  key: string;
  words: string;
  yes: string;
}

export interface PanelPage {
  /** Where a row is open. */
  readonly opened: { name: ListName; id: string } | null;
  readonly question: Question | null;
  readonly said: string;
  readonly failure: string;
  /** The checkpoints of the open thread, once they came. */
  readonly points: Section | null;
  readonly pointsFor: string;
  /** Seconds since a section came. */
  passed(name: Name): number;
  isOpen(name: Name): boolean;
  filter(name: ListName): string;
  /** How many rows are drawn. */
  drawn(name: ListName): number;
  /** The row that Tab comes to. */
  stop(name: ListName): string;
  isDoing(key: string): boolean;
  canShow(cell: string): boolean;
  answers(row: Row): Answers;
  /** The same row is drawn once. */
  once(row: Row, key: string, draw: () => Wanted): Wanted;
  toggle(name: Name): void;
  setFilter(name: ListName, words: string): void;
  more(name: ListName): void;
  open(name: ListName, id: string): void;
  press(action: Action, name: ListName, row: Row | null): void;
  yes(): void;
  no(): void;
  insert(line: string): void;
  showPoints(row: Row): void;
  show(cell: string): void;
  refresh(): void;
  again(): void;
  copy(text: string): void;
}

/** What its surroundings can do for a panel. */
export interface PanelHost {
  /** Put a line into a new cell; what to tell of that. */
  insert?(line: string): Promise<Told>;
  canShow?(cell: string): boolean;
  show?(cell: string): void;
  /** Try once more to find the kernel's panel. */
  again?(): void;
}

/** What names an action on a thing of a section. */
export const keyOf = (action: Action, name: string, row: Row | null): string =>
  [name, row?.id ?? '', action.command, action.argument].join(' ');
