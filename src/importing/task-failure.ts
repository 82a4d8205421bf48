import { RelytError } from '../errors.ts';

/** Whatever was thrown, as an error of this package. */
export function asRelytError(error: unknown): RelytError {
  if (error instanceof RelytError) return error;
  return new RelytError('INTERNAL', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

export function leaseLost(processId: string): RelytError {
  return new RelytError('LEASE_LOST', `the task ${processId} is no longer this process's`, {
    details: { processId },
  });
}
