/** Why a server did not start, in words. */

import { RelytDevError } from '../dev-error.ts';
import { isPortTaken } from './port.ts';
import type { ServerLog } from './server-log.ts';

/** What was to be started. */
interface Attempt {
  readonly program: string;
  readonly port: number;
  readonly log: ServerLog;
  readonly startTimeoutMs: number;
}

/** The operating system refused the program or its log file. */
export function couldNotRun({ program, log }: Attempt, cause: unknown): RelytDevError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `${program} could not be run with the log ${log.path}: ${reason}.`,
    { hint: 'Both must exist, and this user must be allowed to use them.', cause },
  );
}

export function portTaken(port: number): RelytDevError {
  return new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `Port ${port} of 127.0.0.1 is taken, so PostgreSQL cannot listen on it.`,
    { hint: 'Choose another port, or leave it out to get a free one.' },
  );
}

/** The server ended by itself. Only what is in its log behind `logStart` is about this attempt. */
export async function endedEarly({ port, log }: Attempt, logStart: number): Promise<RelytDevError> {
  if (await isPortTaken(port)) return portTaken(port);
  return new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `PostgreSQL ended right after its start. The end of its log, ${log.path}:\n${log.tail(logStart)}`,
    { hint: 'The end of the log says why.' },
  );
}

export function tooSlow({ startTimeoutMs, log }: Attempt, logStart: number): RelytDevError {
  return new RelytDevError(
    'DEV_SERVER_UNAVAILABLE',
    `PostgreSQL was not ready after ${startTimeoutMs} ms. The end of its log, ${log.path}:\n${log.tail(logStart)}`,
    { hint: 'Recovery after a crash can take longer: raise `startTimeoutMs`.' },
  );
}
