/** What only a page knows: what is filled in, what was pressed. Types alone. */
export interface Said {
  /** One of the question's ways; for a plain question `json`, or nothing for a text. */
  way: string;
  text: string;
}

/** What is filled in for questions, on a card or in a list. */
export interface Answers {
  /** The answers were sent, and nothing has come of it yet. */
  resuming: boolean;
  /** What is filled in for a question: how it is meant, and the text. */
  said(id: string): Said;
  say(id: string, changes: Partial<Said>): void;
  resume(): void;
}
