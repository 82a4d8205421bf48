/** SIGINT and SIGTERM as something a command can wait for. */

import { SIGNAL_EXIT } from './exit-code.ts';

/** The first signal asks to stop in order; a second one ends the process at once. */
export class StopRequest implements Disposable {
  readonly #controller = new AbortController();
  readonly #onRequest: ((name: string) => void) | undefined;
  #name: keyof typeof SIGNAL_EXIT | undefined;

  /** @param onRequest called at the first signal, to tell the person that stopping takes a moment */
  constructor(onRequest?: (name: string) => void) {
    this.#onRequest = onRequest;
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, this.#receive);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Name of the first signal; undefined as long as there was none. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Resolves at the first signal. */
  async arrived(): Promise<void> {
    if (this.signal.aborted) return;
    // A promise keeps no process alive; this does.
    const alive = setInterval(() => {}, 60_000);
    await new Promise<void>((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    clearInterval(alive);
  }

  [Symbol.dispose](): void {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, this.#receive);
  }

  readonly #receive = (name: NodeJS.Signals): void => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    if (this.#name !== undefined) process.exit(SIGNAL_EXIT[name]);
    this.#name = name;
    this.#onRequest?.(name);
    this.#controller.abort();
  };
}
