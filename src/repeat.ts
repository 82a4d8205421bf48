/** The one retry loop; `core/retry-policy.ts` decides when it retries. */

import { setTimeout as delay } from 'node:timers/promises';
import {
  type GiveUp,
  nextAttempt,
  type RetryClass,
  type RetryLimits,
} from './core/retry-policy.ts';
import { publish } from './diagnostics/channels.ts';
import type { RetryMessage } from './diagnostics/messages.ts';

export interface Attempt {
  /** 1 for the first one. */
  readonly number: number;
  /** What is left of the limit for all attempts. */
  readonly leftMs: number;
}

/** For subscribers of diagnostics channels. */
export type Retried = Pick<RetryMessage, 'step' | 'processId'>;

export interface RetryRules {
  readonly retried: Retried;
  /** Read again after each failure. */
  readonly limits: RetryLimits;
  readonly classify: (error: unknown, attempt: number) => RetryClass;
  /** Ends the pause in which it fires. The classifier decides what a fired signal means for the next failure. */
  readonly signal?: AbortSignal | undefined;
  /** The error to throw after the last attempt, or a promise of it; without it the failure of that attempt. */
  readonly gaveUp?: (error: unknown, why: GiveUp, attempts: number) => unknown;
}

/** Repeats the work until it succeeds or its failure is final. */
export async function repeat<T>(
  work: (attempt: Attempt) => Promise<T>,
  rules: RetryRules,
): Promise<T> {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  for (let number = 1; ; number++) {
    const { totalMs = Number.POSITIVE_INFINITY } = rules.limits;
    try {
      return await work({ number, leftMs: totalMs - elapsed() });
    } catch (error) {
      const failed = { class: rules.classify(error, number), number, elapsedMs: elapsed() };
      const next = nextAttempt(failed, rules.limits, Math.random());
      if ('giveUp' in next) throw (await rules.gaveUp?.(error, next.giveUp, number)) ?? error;
      publish('relyt:retry', () => ({
        ...rules.retried,
        attempt: number,
        waitSeconds: next.waitMs / 1000,
        code: codeOf(error),
      }));
      await pause(next.waitMs, rules.signal);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const open = signal?.aborted ? undefined : signal;
  await delay(milliseconds, undefined, open && { signal: open }).catch(() => undefined);
}

/** Of what broke a connection, the cause has it. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : codeOf(error.cause);
}
