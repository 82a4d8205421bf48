/** Lets no more than a number of works run at a time; the others wait in their order. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    try {
      return await work();
    } finally {
      this.give();
    }
  }

  /** Resolves when it is the caller's turn, which ends with `give()`. */
  async take(): Promise<void> {
    if (this.#free === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#free--;
  }

  give(): void {
    // Handed on, not given back: what comes later does not get ahead.
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
