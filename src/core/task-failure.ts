import { RelytError } from '../errors.ts';
import { redact } from './redaction.ts';
import { safeCause, withoutSecrets } from './safe-error.ts';

/** Whatever was thrown, as an error of this package that may be shown. */
export function asRelytError(error: unknown): RelytError {
  if (error instanceof RelytError) return withoutSecrets(error);
  const message = error instanceof Error ? error.message : String(error);
  return new RelytError('INTERNAL', redact(message), { cause: safeCause(error) });
}

/** @param what completes "the database …" */
export function wentBack(processId: string, what: string, hint?: string): RelytError {
  return new RelytError(
    'DATABASE_WENT_BACK',
    `The database ${what}: what the task ${processId} had committed is not there any more.`,
    { details: { processId }, ...(hint === undefined ? {} : { hint }) },
  );
}

export function leaseLost(processId: string): RelytError {
  return new RelytError(
    'LEASE_LOST',
    `The task ${processId} does not belong to this process any more.`,
    {
      details: { processId },
    },
  );
}
