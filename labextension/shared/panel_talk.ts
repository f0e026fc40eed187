/**
 * The conversation with a kernel's panel: what is asked is always answered, or ends with the kernel. Knows messages; knows no
 * Jupyter, no section and no page. Mirrors lg_magics/live/protocol.py.
 */
export const PROTOCOL = 1;
export const TARGET = 'lg_magics:panel';
const SLOW = 2_000; // ms without an answer, after which it is said that somebody is busy

/** Why something could not be done, in the kernel's words. */
export class Refusal extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly hint: string
  ) {
    super(message);
  }

  get words(): string {
    return [this.message, this.hint].filter(Boolean).join(' ');
  }
}

interface Question {
  resolve(result: unknown): void;
  reject(problem: Refusal): void;
  asked: number;
}

export interface Hears {
  /** Sections that are not what they were. */
  changed(sections: string[]): void;
  /** Whether an answer is long in coming. */
  slow(isSlow: boolean): void;
}

export class Talk {
  private questions = new Map<string, Question>();
  private count = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSlow = false;
  private ended = '';
  /** Several pages may talk on one comm. */
  private prefix = Math.random().toString(36).slice(2, 10);

  constructor(
    private send: (data: object) => void,
    private hears: Hears
  ) {}

  /** Ask; the promise ends with the answer, with a Refusal, or with the conversation. */
  ask(command: string, given: object = {}): Promise<unknown> {
    if (this.ended) return Promise.reject(new Refusal('Ended', this.ended, ''));
    const id = `${this.prefix}-${++this.count}`;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.questions.set(id, { resolve, reject, asked: Date.now() });
    });
    try {
      this.send({ id, protocol: PROTOCOL, command, arguments: given });
    } catch {
      this.questions.get(id)!.reject(new Refusal('Ended', 'The kernel could not be asked.', ''));
      this.questions.delete(id);
    }
    this.watch();
    return answer;
  }

  /** Something came from the kernel: any JSON. */
  hear(data: unknown): void {
    const { id, ok, result, error, changed } = (data ?? {}) as Record<string, unknown>;
    if (Array.isArray(changed)) this.hears.changed(changed.filter((each) => typeof each === 'string'));
    const question = typeof id === 'string' ? this.questions.get(id) : undefined;
    if (!question) return;
    this.questions.delete(id as string);
    if (ok === true) question.resolve(result);
    else question.reject(refusalFrom(error));
    this.watch();
  }

  /** Nothing more will be answered, for this reason. */
  end(reason: string): void {
    this.ended = reason;
    for (const { reject } of this.questions.values()) reject(new Refusal('Ended', reason, ''));
    this.questions.clear();
    this.watch();
  }

  /** Look again when the oldest question becomes an old one. */
  private watch(): void {
    clearTimeout(this.timer);
    const oldest = Math.min(...[...this.questions.values()].map(({ asked }) => asked));
    const left = oldest + SLOW - Date.now();
    if (left > 0 && Number.isFinite(left)) this.timer = setTimeout(() => this.watch(), left);
    const isSlow = left <= 0;
    if (isSlow !== this.isSlow) this.hears.slow((this.isSlow = isSlow));
  }
}

function refusalFrom(error: unknown): Refusal {
  const { type, message, hint } = (error ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return new Refusal(text(type), text(message) || 'The kernel did not say what went wrong.', text(hint));
}
