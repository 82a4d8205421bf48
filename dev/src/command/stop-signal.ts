/** SIGINT and SIGTERM: the first one asks to stop in order, a second one ends the process at once. */

/** As shells count: 128 and the number of the signal. */
const EXIT_CODE = { SIGINT: 130, SIGTERM: 143 } as const;

type SignalName = keyof typeof EXIT_CODE;

export class StopSignal implements Disposable {
  /** Resolves at the first signal; until then it keeps the process alive. */
  readonly arrived: Promise<void>;
  readonly #onArrival: (name: SignalName) => void;
  readonly #alive = setInterval(() => {}, 60_000);
  #resolve: () => void = () => {};
  #hasArrived = false;

  constructor(onArrival: (name: SignalName) => void) {
    this.#onArrival = onArrival;
    this.arrived = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, this.#receive);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#alive);
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, this.#receive);
  }

  readonly #receive = (name: NodeJS.Signals): void => {
    if (name !== 'SIGINT' && name !== 'SIGTERM') return;
    if (this.#hasArrived) process.exit(EXIT_CODE[name]);
    this.#hasArrived = true;
    this.#onArrival(name);
    this.#resolve();
  };
}
