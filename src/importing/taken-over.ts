import { leaseLost } from '../core/task-failure.ts';
import type { Session } from '../database/session.ts';
import type { Writer } from '../database/statements/file.ts';
import { holdEpoch } from '../database/statements/task.ts';
import { RelytError } from '../errors.ts';

/**
 * A process that took the task over has imported the files and deleted them. So what S3 lacks, or has otherwise, is
 * looked at again: without the task the news is LEASE_LOST. A database that does not answer leaves the failure as it is.
 */
export async function unlessTakenOver<E>(
  session: Session,
  writer: Writer,
  error: E,
): Promise<E | RelytError> {
  if (!(error instanceof RelytError) || !/^(S3|STAGED_FILE)_/.test(error.code)) return error;
  const held = await session.execute(holdEpoch(writer)).catch(() => 1);
  return held === 1 ? error : leaseLost(writer.processId);
}
