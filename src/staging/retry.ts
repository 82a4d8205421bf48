import type { RetryLimits } from '../core/retry-policy.ts';
import { ERROR_CODES, RelytError } from '../errors.ts';
import { repeat } from '../repeat.ts';

/** About 45 seconds in total, to survive a restart of the S3 server. */
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
export function withRetries<T>(
  operation: () => Promise<T>,
  limits: RetryLimits,
  signal?: AbortSignal,
): Promise<T> {
  return repeat(
    async ({ number }) => {
      if (number > 1 && signal?.aborted) throw abortedError(signal, signal.reason);
      return await operation();
    },
    {
      retried: { step: 's3', processId: undefined },
      limits,
      signal,
      classify: (error) => (isTransient(error) && !signal?.aborted ? 'transient' : 'permanent'),
    },
  );
}

/** What an operation rejects with when its signal fired: the signal's own reason when that is one of our errors. */
export function abortedError(signal: AbortSignal | undefined, cause: unknown): RelytError {
  if (signal?.reason instanceof RelytError) return signal.reason;
  return new RelytError('ABORTED', 'The transfer to S3 was aborted.', { cause });
}
