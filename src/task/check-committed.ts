import { type Committed, type CommittedCounts, whatIsMissing } from '../core/committed.ts';
import { howLost, lostRows } from '../core/imported-target.ts';
import { wentBack } from '../core/task-failure.ts';
import type { Writer } from '../core/writer.ts';
import type { Session } from '../database/session.ts';
import { type CommittedRow, holdCommitted } from '../database/statements/committed.ts';
import { lostTask } from '../importing/taken-over.ts';

/** A task, and what is known to be committed of it. */
export interface ConfirmedTask {
  readonly writer: Writer;
  readonly table: { readonly schema: string; readonly name: string };
  readonly committed: Committed;
}

/** Files up to an id: all of them are imported. */
export interface ImportedMark {
  readonly upToFile: number;
  readonly files: number;
}

/**
 * Holds the task's epoch until the end of the transaction, and compares what the database has with what was confirmed to
 * this process: more may have been committed since, but nothing may be missing (G1).
 * @param mark what must be imported; by default every file that is frozen
 * @throws RelytError DATABASE_WENT_BACK, LEASE_LOST
 */
export async function checkCommitted(
  session: Session,
  { writer, table, committed }: ConfirmedTask,
  mark?: ImportedMark,
): Promise<void> {
  const { counts } = committed;
  const importedFiles = mark === undefined ? counts.frozen.files : mark.files;
  const [row] = await session.query<CommittedRow>(
    holdCommitted(writer, table, mark?.upToFile ?? null),
  );
  if (row === undefined) throw await lostTask(session, writer);
  const missing = whatIsMissing({ ...counts, importedFiles }, countsOf(row));
  if (missing !== undefined) throw wentBack(writer.processId, `has only ${missing}`);
  const lost = lostRows(row, row);
  if (lost === undefined) return;
  throw wentBack(writer.processId, howLost(lost, `${table.schema}.${table.name}`));
}

/** What the database has of a task. @throws RelytError LEASE_LOST, DATABASE_WENT_BACK */
export async function committedCounts(
  session: Session,
  { writer, table }: Pick<ConfirmedTask, 'writer' | 'table'>,
): Promise<CommittedCounts> {
  const [row] = await session.query<CommittedRow>(holdCommitted(writer, table, null));
  if (row === undefined) throw await lostTask(session, writer);
  return countsOf(row);
}

function countsOf(row: CommittedRow): CommittedCounts {
  const { lastOrdinal, importedFiles, importedRecords, rejects } = row;
  const files = row.frozenFiles ?? 0;
  return { frozen: { lastOrdinal, files }, importedFiles, importedRecords, rejects };
}
