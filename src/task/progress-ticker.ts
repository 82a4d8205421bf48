import type { Progress } from '../events.ts';

const INTERVAL_MS = 1000;

/** Tells the progress of a task once a second while that is wanted, and again at its end. */
export class ProgressTicker {
  readonly #tell: (progress: Progress) => void;
  #read: (() => Progress) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(tell: (progress: Progress) => void) {
    this.#tell = tell;
  }

  reads(read: () => Progress): void {
    this.#read = read;
  }

  /** @param wanted whether anything listens */
  run(wanted: boolean): void {
    if (!wanted || this.#ended) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else {
      // A program that has nothing else to do ends.
      this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS).unref();
    }
  }

  end(wanted: boolean): void {
    this.#ended = true;
    this.run(false);
    if (wanted) this.#tick();
  }

  #tick(): void {
    const progress = this.#read?.();
    if (progress !== undefined) this.#tell(progress);
  }
}
