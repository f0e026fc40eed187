/** What is filled in for the questions of threads that wait, until it was sent. Knows rows; knows no kernel and no page. */
import type { Row } from './panel';
import type { Answers, Said } from './page';

export class PanelAnswers {
  private filled = new Map<string, Said>();
  private resuming = new Set<string>();

  /** `changed` is called when something was filled in, `send` when all is to be sent. */
  constructor(
    private changed: () => void,
    private send: (row: Row) => void
  ) {}

  /** The answers to what a thread asks now: to another question nothing is filled in. */
  of(row: Row): Answers {
    const keyOf = (id: string) => `${row.mark} ${id}`;
    const said = (id: string): Said => this.filled.get(keyOf(id)) ?? { way: '', text: '' };
    return {
      resuming: this.resuming.has(row.id),
      said,
      say: (id, changes) => {
        this.filled.set(keyOf(id), { ...said(id), ...changes });
        this.changed();
      },
      resume: () => {
        this.resuming.add(row.id);
        this.send(row);
      }
    };
  }

  /** They were sent, or could not be: then they stay. */
  sent(row: Row, isDone: boolean): void {
    this.resuming.delete(row.id);
    if (isDone) for (const { id } of row.asks) this.filled.delete(`${row.mark} ${id}`);
  }

  clear(): void {
    this.filled.clear();
    this.resuming.clear();
  }
}
