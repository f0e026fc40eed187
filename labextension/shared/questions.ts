/** A question as it travels from the kernel to the panel: its shape, and how unknown JSON becomes one. Mirrors lg_magics/panel/questions.py. */
export interface Interrupt {
  id: string;
  node: string;
  question: string;
  detail: string;
  /** How an action may be answered: accept, edit, respond, ignore; empty: any text or JSON. */
  ways: string[];
  /** An action's arguments as JSON. */
  args: string;
}

export function interruptFrom(value: unknown): Interrupt {
  const json = (value && typeof value === 'object' ? value : {}) as Record<string, unknown>;
  const text = (held: unknown): string => (typeof held === 'string' ? held : '');
  return {
    id: text(json.id),
    node: text(json.node),
    question: text(json.question),
    detail: text(json.detail),
    args: text(json.args),
    ways: Array.isArray(json.ways) ? json.ways.map(text) : []
  };
}
