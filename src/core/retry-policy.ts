/**
 * What a failure means for another attempt:
 *
 * - `transient`: the same thing may work in a moment, so it is tried again after a pause;
 * - `mended`: the next attempt does something else about it, so it follows at once, whatever the limits;
 * - `permanent`: no further attempt is of use.
 */
export type RetryClass = 'transient' | 'mended' | 'permanent';

export interface RetryLimits {
  /** Pause after the first failure; doubles with each one. */
  readonly baseMs: number;
  /** Longest pause. */
  readonly maxMs: number;
  /** Attempts in all, the first one included. */
  readonly attempts?: number;
  /** Time for all attempts and pauses. A pause that would not leave any for another attempt is not begun. */
  readonly totalMs?: number;
}

export interface FailedAttempt {
  readonly class: RetryClass;
  /** 1 for the first one. */
  readonly number: number;
  /** Since the first attempt began. */
  readonly elapsedMs: number;
}

/** Why there is no further attempt. */
export type GiveUp = 'permanent' | 'attempts' | 'time';

export type NextAttempt = { readonly waitMs: number } | { readonly giveUp: GiveUp };

/** Whether another attempt follows, and after which pause. Half of the pause is by chance, from 0 to 1. */
export function nextAttempt(
  failed: FailedAttempt,
  limits: RetryLimits,
  chance: number,
): NextAttempt {
  if (failed.class === 'permanent') return { giveUp: 'permanent' };
  if (failed.class === 'mended') return { waitMs: 0 };
  const { attempts = Number.POSITIVE_INFINITY, totalMs = Number.POSITIVE_INFINITY } = limits;
  if (failed.number >= attempts) return { giveUp: 'attempts' };
  const waitMs = pauseMs(failed.number, limits, chance);
  return failed.elapsedMs + waitMs >= totalMs ? { giveUp: 'time' } : { waitMs };
}

function pauseMs(attempt: number, { baseMs, maxMs }: RetryLimits, chance: number): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}
