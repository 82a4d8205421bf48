import { conflictMode } from '../core/conflict-mode.ts';
import { howLost, type LostRows, lostRows, tablesBeside } from '../core/imported-target.ts';
import { wentBack } from '../core/task-failure.ts';
import type { Writer } from '../core/writer.ts';
import { allUnlogged, type CommittedRow, holdCommitted } from '../database/statements/committed.ts';
import type { TaskRow } from '../database/statements/lease.ts';
import { lostTask } from '../importing/taken-over.ts';
import { columnsNamed } from '../records/mapping.ts';
import type { LoadPlan } from './plan-load.ts';

/**
 * Whether the rows that a task has imported are gone with their table, and all of them, so that its files are to be
 * imported again. With a key, rows that are still there are met again.
 * @throws RelytError DATABASE_WENT_BACK when only some are gone, and nothing tells which
 */
export async function areRowsLost(plan: LoadPlan, writer: Writer, row: TaskRow): Promise<boolean> {
  const { database, table, config } = plan;
  const [found] = await database.query<CommittedRow>(holdCommitted(writer, table, null));
  if (found === undefined) throw await lostTask(database, writer);
  const lost = lostRows(found, found);
  if (lost === undefined) return false;
  const columns = columnsNamed(table, row.staged_columns ?? []);
  const mode = conflictMode(config.onConflict, table, columns);
  // A row whose key holds a NULL is the same as no other: it would be there twice.
  const meetsAgain = mode !== 'insert' && table.nullsInKey !== 'distinct';
  if (meetsAgain || (await areAllLost(plan, lost, found))) return true;
  throw onlySome(plan, lost);
}

/** What is not of this package may have moved rows to the auxiliary table, too. */
async function areAllLost(
  { database, rights }: LoadPlan,
  lost: LostRows,
  found: CommittedRow,
): Promise<boolean> {
  const { foundTable, foundAuxiliary } = found;
  const beside = tablesBeside(found, found.moved);
  if (lost.of === 'both') return foundAuxiliary === null || !beside.includes(foundAuxiliary);
  const inTwo = beside.length > 0 || rights.routed !== undefined;
  if (inTwo || lost.of !== 'unlogged') return !inTwo;
  const [storages] = await database.query<{ all: boolean }>(
    allUnlogged(foundTable === null ? [] : [foundTable]),
  );
  return storages?.all === true;
}

function onlySome({ processId, table }: LoadPlan, lost: LostRows) {
  const shown = `${table.schema}.${table.name}`;
  return wentBack(
    processId,
    `${howLost(lost, shown)}, and rows of the task in other tables or partitions are left`,
    'Delete the rows of this task, abort it (`relyt abort PROCESS_ID`) and load the source again: without a key nothing tells which rows are left.',
  );
}
