import { RelytError } from '../errors.ts';
import { redact } from './redaction.ts';
import { safeCause, withoutSecrets } from './safe-error.ts';

/** Whatever was thrown, as an error of this package that may be shown. */
export function asRelytError(error: unknown): RelytError {
  if (error instanceof RelytError) return withoutSecrets(error);
  const message = error instanceof Error ? error.message : String(error);
  return new RelytError('INTERNAL', redact(message), { cause: safeCause(error) });
}

export function leaseLost(processId: string): RelytError {
  return new RelytError('LEASE_LOST', `the task ${processId} is no longer this process's`, {
    details: { processId },
  });
}
