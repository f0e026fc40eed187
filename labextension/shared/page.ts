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

/** What only the page knows about a card, and what a person can do on it. Nothing of it travels to the kernel. */
export interface Page extends Answers {
  /** Seconds since the card came. */
  passed: number;
  /** Cancel was pressed and not yet answered. */
  cancelling: boolean;
  /** Why the last thing asked for could not be done. */
  failure: string;
  /** The name of what was copied a moment ago. */
  copied: string;
  cancel(): void;
  /** Show another run of the card's cell. */
  look(number: number): void;
  copy(name: string, text: string): void;
}
