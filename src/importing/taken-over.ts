import { leaseLost, wentBack } from '../core/task-failure.ts';
import { type Holder, type Writer, writerVerdict } from '../core/writer.ts';
import type { Session } from '../database/session.ts';
import { holdEpoch, readHolder } from '../database/statements/task.ts';
import { RelytError } from '../errors.ts';

/** Nothing of it is left, not even what it loaded. */
const BEGIN_AGAIN =
  'Load the source again from its beginning: the database does not know this task, and has none of its rows.';

/** Why a statement of this writer found no row: another process has the task, or the database has lost what was there. */
export async function lostTask(session: Session, writer: Writer): Promise<RelytError> {
  const { processId } = writer;
  const [row] = await session.query<Holder>(readHolder(processId));
  switch (writerVerdict(writer, row)) {
    case 'taken over':
      return leaseLost(processId);
    case 'went back':
      return row === undefined
        ? wentBack(processId, 'does not know the task', BEGIN_AGAIN)
        : wentBack(processId, 'knows the task as it was before this process took it over');
    case 'ours':
      return wentBack(processId, 'lacks files or imports of the task');
  }
}

/**
 * A process that took the task over has imported the files and deleted them. So what S3 lacks, or has otherwise, is
 * looked at again: without the task the error is LEASE_LOST. A database that does not answer leaves the failure as it is.
 */
export async function unlessTakenOver<E>(
  session: Session,
  writer: Writer,
  error: E,
): Promise<E | RelytError> {
  if (!(error instanceof RelytError) || !/^(S3|STAGED_FILE)_/.test(error.code)) return error;
  const held = await session.execute(holdEpoch(writer)).catch(() => 1);
  return held === 1 ? error : lostTask(session, writer).catch(() => leaseLost(writer.processId));
}
