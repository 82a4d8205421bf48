import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { withinLimit } from './client-state.ts';
import type { Session } from './session.ts';
import type { Statement } from './statement.ts';

/** Pause between two cancellations of the same statement. */
const CANCEL_AGAIN_MS = 200;
/** A statement that does not end so long after it was first cancelled is out of reach. */
const CANCEL_LIMIT_MS = 5_000;

const cancelBackend = (pid: number | undefined): Statement => ({
  name: 'cancelBackend',
  text: 'select pg_cancel_backend($1)',
  values: [pid],
});

export interface Cancellation {
  /** The server process whose statement is cancelled. */
  readonly pid: number | undefined;
  /** Fires when the statement is to be cancelled. */
  readonly signal: AbortSignal;
  /** Fires when it has ended. */
  readonly ended: AbortSignal;
}

/**
 * Waits for the signal and then cancels again and again, because the server ignores a cancellation that arrives
 * between two statements. Returns false when the statement goes on regardless: then no server is listening there.
 */
export async function cancelOn(
  session: Session,
  { pid, signal, ended }: Cancellation,
): Promise<boolean> {
  const cancel = cancelBackend(pid);
  if (!signal.aborted) await once(signal, 'abort', { signal: ended }).catch(() => undefined);
  const deadline = performance.now() + CANCEL_LIMIT_MS;
  while (!ended.aborted) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    // A cancellation may find no server listening, too.
    await withinLimit(session.execute(cancel), left);
    await delay(CANCEL_AGAIN_MS, undefined, { signal: ended }).catch(() => undefined);
  }
  return true;
}
