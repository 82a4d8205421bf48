import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { UnknownOutcomeError } from '../database/client-session.ts';
import { classifyError } from '../database/database-error.ts';

export interface PatienceLimits {
  /** Seconds the database may be away before a write gives up. */
  readonly seconds: number;
  /** Longest pause between two tries, in seconds. */
  readonly maxPauseSeconds: number;
}

/** What a task that has failed still gives its last words. */
const HURRIED_SECONDS = 5;

/**
 * Repeats writes to the database while it is away. Only for work that may be done twice: the answer of the
 * first try may have been lost after it took effect.
 */
export class Patience {
  readonly #maxPauseMs: number;
  readonly #hurry = new AbortController();
  #seconds: number;

  constructor(limits: PatienceLimits) {
    this.#seconds = limits.seconds;
    this.#maxPauseMs = limits.maxPauseSeconds * 1000;
    // As many writes as there are open files may be waiting.
    setMaxListeners(0, this.#hurry.signal);
  }

  /** From now on give up soon: nothing that follows is worth minutes. */
  hurry(): void {
    this.#seconds = Math.min(this.#seconds, HURRIED_SECONDS);
    this.#hurry.abort();
  }

  async repeat<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!mayPass(error)) throw error;
        const pause = backoffMs(attempt, { baseMs: 100, maxMs: this.#maxPauseMs }, Math.random());
        if (performance.now() + pause - started > this.#seconds * 1000) throw error;
        const signal = this.#hurry.signal;
        await (signal.aborted
          ? delay(pause)
          : delay(pause, undefined, { signal }).catch(() => undefined));
      }
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof UnknownOutcomeError || classifyError(error) === 'transient';
}
