import type { ResolvedConfig } from '../config/load-schema.ts';
import { asRelytError } from '../core/task-failure.ts';
import { type ErrorCode, RelytError } from '../errors.ts';
import { type Findings, SkippedError } from './findings.ts';

/** What a step has to work with. */
export interface Examination {
  readonly config: ResolvedConfig;
  /** The table that is to be loaded; undefined when none was named. */
  readonly table: { readonly schema: string; readonly table: string } | undefined;
  readonly findings: Findings;
  /** Names what the examination writes: a folder in the bucket, a task in a transaction that is rolled back. */
  readonly processId: string;
}

/** One thing to try. */
export interface Step {
  readonly name: string;
  /** Who keeps it waiting when it takes too long. */
  readonly asks: 'database' | 'S3';
  /** Seconds it may take. */
  readonly seconds: number;
  /**
   * Returns what was found, as a sentence; fails with what is wrong and, as the hint, what to do.
   * What it writes it removes itself, also after a failure and after the signal.
   */
  run(examination: Examination, signal: AbortSignal): Promise<string>;
}

export interface StepResult {
  readonly name: string;
  /** `skipped`: not applicable, or not possible after an earlier failure. */
  readonly status: 'ok' | 'failed' | 'skipped';
  /** What was found, what is wrong, or why it was not tried. */
  readonly message: string;
  /** What to do; null unless it failed. */
  readonly todo: string | null;
  /** Code of the error; null unless it failed. */
  readonly code: ErrorCode | null;
  readonly seconds: number;
}

/** Never rejects. The signal leaves out steps that have not begun, and ends the one that has. */
export async function tryStep(
  step: Step,
  examination: Examination,
  signal: AbortSignal,
): Promise<StepResult> {
  const started = performance.now();
  const result = (
    status: StepResult['status'],
    message: string,
    failure?: RelytError,
  ): StepResult => ({
    name: step.name,
    status,
    message,
    todo: failure?.hint ?? null,
    code: failure?.code ?? null,
    seconds: Math.round(performance.now() - started) / 1000,
  });
  if (signal.aborted) return result('skipped', STOPPED);
  try {
    return result('ok', await limited(step, examination, signal));
  } catch (error) {
    if (signal.aborted) return result('skipped', STOPPED);
    if (error instanceof SkippedError) return result('skipped', error.message);
    const failure = asRelytError(error);
    return result('failed', failure.message, failure);
  }
}

const STOPPED = 'the examination was stopped';
/** What the signal ends gets a moment to remove what it wrote; then it is left to itself. */
const GRACE_MS = 8_000;

async function limited(step: Step, examination: Examination, stop: AbortSignal): Promise<string> {
  const limit = new AbortController();
  const limitTimer = setTimeout(() => limit.abort(late(step)), step.seconds * 1000);
  const signal = AbortSignal.any([stop, limit.signal]);
  let graceTimer: NodeJS.Timeout | undefined;
  const given = new Promise<never>((_, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', () => {
      graceTimer = setTimeout(giveUp, GRACE_MS);
    });
  });
  try {
    return await Promise.race([step.run(examination, signal), given]);
  } catch (error) {
    // The signal made another error of it; the error to report is that the step took too long.
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    clearTimeout(limitTimer);
    clearTimeout(graceTimer);
  }
}

function late({ asks, seconds }: Step): RelytError {
  const code = asks === 'S3' ? 'S3_UNAVAILABLE' : 'DATABASE_UNREACHABLE';
  return new RelytError(code, `There was no answer within ${seconds} s.`, {
    hint: 'Look for a firewall that drops packets, a lock that is held, or an overloaded server.',
  });
}
