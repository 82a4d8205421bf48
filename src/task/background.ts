/** Work of a task that is waited for only when it is flushed, or ends. What it rejects with is its own to report. */
export class Background {
  readonly #works = new Set<Promise<void>>();

  add(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#works.delete(tracked));
    this.#works.add(tracked);
  }

  /** Resolves when all that is under way now has ended. */
  async settledNow(): Promise<void> {
    await Promise.all(this.#works);
  }

  /** Resolves when nothing is under way any more, what began meanwhile included. */
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.allSettled(this.#works);
  }
}
