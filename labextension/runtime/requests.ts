/**
 * Requests to the kernel: each is answered, refused, or ends with the kernel. Knows messages; knows no Jupyter and no view.
 * lg_magics/live/protocol.py is the other side.
 */
export const PROTOCOL = 1;

/** Why something could not be done, in the kernel's words. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly hint: string
  ) {
    super(message);
  }

  get words(): string {
    return [this.message, this.hint].filter(Boolean).join(' ');
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(problem: RequestError): void;
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

  /** Send a request; the promise ends with the response, or with a RequestError. */
  ask(command: string, given: object = {}): Promise<unknown> {
    const id = `${this.#prefix}-${++this.#count}`;
    return new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      try {
        this.#send({ id, protocol: PROTOCOL, command, arguments: given });
      } catch {
        this.#pending.delete(id);
        reject(new RequestError('The kernel could not be reached.', ''));
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

function errorFrom(error: unknown): RequestError {
  const { message, hint } = (error ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return new RequestError(text(message) || 'The kernel did not say what went wrong.', text(hint));
}
