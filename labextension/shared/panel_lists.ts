/** How the panel's lists stand on the page: folded, filtered, how far they are drawn, where Tab comes to. Knows rows; draws nothing. */
import type { ListName, Name, Row } from './panel';

const ROWS = 100; // drawn at once
const FOLDED: Name[] = ['store', 'crons']; // until somebody opens them: they are fetched only then

export class PanelLists {
  private folded = new Set<Name>(FOLDED);
  private filters = new Map<ListName, string>();
  private rows = new Map<ListName, number>();
  private stops = new Map<ListName, string>();

  isOpen(name: Name): boolean {
    return !this.folded.has(name);
  }

  toggle(name: Name): void {
    if (!this.folded.delete(name)) this.folded.add(name);
  }

  unfold(name: Name): void {
    this.folded.delete(name);
  }

  filter(name: ListName): string {
    return this.filters.get(name) ?? '';
  }

  setFilter(name: ListName, words: string): void {
    this.filters.set(name, words);
    this.rows.delete(name);
  }

  drawn(name: ListName): number {
    return this.rows.get(name) ?? ROWS;
  }

  grow(name: ListName): void {
    this.rows.set(name, this.drawn(name) + ROWS);
  }

  /** The row that Tab comes to: the one that was gone to last, else the first. */
  stop(name: ListName, rows: Row[]): string {
    const chosen = this.stops.get(name);
    return rows.some(({ id }) => id === chosen) ? chosen! : (rows[0]?.id ?? '');
  }

  stopAt(name: ListName, id: string): void {
    this.stops.set(name, id);
  }

  /** Another kernel's lists begin anew; what is folded stays. */
  clear(): void {
    for (const each of [this.filters, this.rows, this.stops]) each.clear();
  }
}
