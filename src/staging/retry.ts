import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { ERROR_CODES, RelytError } from '../errors.ts';

export interface RetryLimits {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Wait after the first failure; doubles each time. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/** About 45 seconds in all: an S3 server that restarts is waited for. */
export const UPLOAD_RETRY: RetryLimits = { attempts: 8, baseMs: 500, maxMs: 15_000 };
/** About 2 seconds: listing and deleting can be done again later. */
export const LOOKUP_RETRY: RetryLimits = { attempts: 4, baseMs: 200, maxMs: 2_000 };

/** True for failures that the same request may survive a moment later. */
export function isTransient(error: unknown): boolean {
  return error instanceof RelytError && ERROR_CODES[error.code].retry === 'auto';
}

/**
 * Calls `operation` until it succeeds, fails for good, or the attempts are used up; throws the last failure.
 * The signal ends the waiting.
 */
export async function withRetries<T>(
  operation: () => Promise<T>,
  limits: RetryLimits,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt >= limits.attempts || !isTransient(error) || signal?.aborted) throw error;
      await pause(backoffMs(attempt, limits, Math.random()), signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw abortedError(signal, error);
  }
}

/** What an operation rejects with when its signal fired: the signal's own reason when that is one of our errors. */
export function abortedError(signal: AbortSignal | undefined, cause: unknown): RelytError {
  if (signal?.reason instanceof RelytError) return signal.reason;
  return new RelytError('ABORTED', 'The transfer to S3 was aborted', { cause });
}
