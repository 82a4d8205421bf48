import { setMaxListeners } from 'node:events';
import type { RetryClass } from '../core/retry-policy.ts';
import { UnknownOutcomeError } from '../database/client-transaction.ts';
import { classifyError } from '../database/database-error.ts';
import { type Retried, repeat } from '../repeat.ts';

export interface PatienceLimits {
  /** Seconds the database may be away before a write gives up. */
  readonly seconds: number;
  /** Longest pause between two tries, in seconds. */
  readonly maxPauseSeconds: number;
}

/** What a task that has failed still gives its last words. */
const HURRIED_MS = 5_000;

/**
 * Repeats writes to the database while it is away. Only for work that may be done twice: the answer of the
 * first try may have been lost after it took effect.
 */
export class Patience {
  readonly #limits: { readonly baseMs: number; readonly maxMs: number; totalMs: number };
  readonly #retried: Retried;
  readonly #hurry = new AbortController();

  constructor(processId: string, { seconds, maxPauseSeconds }: PatienceLimits) {
    this.#retried = { step: 'bookkeeping', processId };
    this.#limits = { baseMs: 100, maxMs: maxPauseSeconds * 1000, totalMs: seconds * 1000 };
    // As many writes as there are open files may be waiting.
    setMaxListeners(0, this.#hurry.signal);
  }

  /** From now on give up soon: nothing that follows is worth minutes. */
  hurry(): void {
    this.#limits.totalMs = Math.min(this.#limits.totalMs, HURRIED_MS);
    this.#hurry.abort();
  }

  repeat<T>(work: () => Promise<T>): Promise<T> {
    const signal = this.#hurry.signal;
    return repeat(work, { retried: this.#retried, limits: this.#limits, signal, classify });
  }
}

function classify(error: unknown): RetryClass {
  const mayPass = error instanceof UnknownOutcomeError || classifyError(error) === 'transient';
  return mayPass ? 'transient' : 'permanent';
}
