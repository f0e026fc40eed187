/**
 * Requests to the kernel: each is answered, refused, or ends with the kernel. Knows messages; knows no Jupyter and no view.
 * lg_magics/live/protocol.py is the other side.
 */
export const PROTOCOL = 1;

interface Pending {
  resolve(result: unknown): void;
  reject(problem: Error): void;
}

export class Requests {
  #pending = new Map<string, Pending>();
  #count = 0;
  /** Several pages may share a comm. */
  #prefix = Math.random().toString(36).slice(2, 10);

  readonly #send: (data: object) => void;

  constructor(send: (data: object) => void) {
    this.#send = send;
  }

  /** Send a request; the promise ends with the response, or with an error in the kernel's words. */
  ask(command: string, given: object = {}): Promise<unknown> {
    const id = `${this.#prefix}-${++this.#count}`;
    return new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      try {
        this.#send({ id, protocol: PROTOCOL, command, arguments: given });
      } catch {
        this.#pending.delete(id);
        reject(new Error('The kernel could not be reached.'));
      }
    });
  }

  /** A message from the kernel, any JSON: settle the request that it answers. */
  receive(data: unknown): void {
    const { id, ok, result, error } = (data ?? {}) as Record<string, unknown>;
    const pending = typeof id === 'string' ? this.#pending.get(id) : undefined;
    if (!pending) return;
    this.#pending.delete(id as string);
    if (ok === true) pending.resolve(result);
    else pending.reject(errorFrom(error));
  }
}

/** What the kernel says of a request that failed, and of what to do about it. */
function errorFrom(error: unknown): Error {
  const { message, hint } = (error ?? {}) as Record<string, unknown>;
  const words = [message, hint].filter((each) => each && typeof each === 'string').join(' ');
  return new Error(words || 'The kernel did not say what went wrong.');
}
