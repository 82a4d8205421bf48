import { RejectBudget } from '../core/reject-budget.ts';
import { SourcePlace } from '../core/source-place.ts';
import { asRelytError } from '../core/task-failure.ts';
import { databaseError } from '../database/database-error.ts';
import { type FileRow, readFiles } from '../database/statements/file.ts';
import { maxImportId } from '../database/statements/import.ts';
import type { TaskRow } from '../database/statements/lease.ts';
import { dropUnfrozenRejects } from '../database/statements/reject.ts';
import type { RelytError } from '../errors.ts';
import { unlessTakenOver } from '../importing/taken-over.ts';
import { committedCounts } from './check-committed.ts';
import { claimTask, type ResumeOptions } from './claim-task.ts';
import { importFrozen } from './import-frozen.ts';
import { areRowsLost } from './lost-rows.ts';
import { type HeldTask, holdTask, type OpenTask } from './open-task.ts';
import type { LoadPlan } from './plan-load.ts';
import { prepareLoad } from './prepare-load.ts';
import { recoverFiles } from './recover-files.ts';
import { storedReading } from './stored-settings.ts';
import { TaskTally } from './task-tally.ts';

/**
 * Takes the interrupted task of the plan over: fences the process that had it, imports what was frozen, cleans up
 * what was not. Afterwards the task is as if it had just received the last record before the stored position; those
 * after it that are frozen are skipped when they come again. On failure nothing stays open.
 */
export async function resumeTask(plan: LoadPlan, options: ResumeOptions = {}): Promise<OpenTask> {
  let held: HeldTask | undefined;
  try {
    await prepareLoad(plan);
    const { row, writer } = await claimTask(plan, options);
    // What follows may take longer than a lease.
    held = holdTask(plan, writer);
    return await recoverTask(held, row);
  } catch (error) {
    const failure = resumeFailure(plan, error);
    // A task that is held has to end: it would seem to run until its lease is over.
    if (held !== undefined)
      throw await held.end.failed(await unlessTakenOver(plan.database, held.writer, failure));
    await plan.close();
    throw failure;
  }
}

async function recoverTask(held: HeldTask, row: TaskRow): Promise<OpenTask> {
  const { plan, writer, committed } = held;
  const { database, config, table } = plan;
  const { processId } = writer;
  const rowsLost = await areRowsLost(plan, writer, row);
  const files = await database.query<FileRow>(readFiles(processId));
  const frozen = await recoverFiles(plan, writer, {
    files,
    createdDay: row.created_day,
    isOthers: row.is_others,
    discarded: row.settings.cleanup === 'always',
    rowsLost,
  });
  await database.execute(dropUnfrozenRejects(writer, row.last_ordinal));
  const [imports] = await database.query<{ last: number }>(maxImportId(processId));
  const counts = await committedCounts(database, { writer, table });
  committed.resume(counts);
  const { rejects: rejected, frozen: before } = counts;
  // In the order of their ids, and generations are numbered in the same order.
  const newest = files.at(-1);
  const position = row.source_position ?? undefined;
  const { last_ordinal: lastOrdinal, replay_after: replayAfter } = row;
  const source = new SourcePlace({ lastOrdinal, position, replayAfter });
  const task: OpenTask = {
    ...held,
    plan: { ...plan, reading: { ...plan.reading, ...storedReading(row.settings) } },
    tally: new TaskTally({ received: source.replayAfter, rejected }),
    rejects: new RejectBudget(config.maxErrorRecords, rejected),
    last: {
      fileId: newest?.file_id ?? 0,
      files: before.files,
      generation: newest?.generation ?? 0,
      importId: imports?.last ?? 0,
    },
    position,
    source,
    stagedColumns: row.staged_columns ?? undefined,
  };
  return importFrozen(task, row, frozen);
}

function resumeFailure({ processId }: LoadPlan, error: unknown): RelytError {
  return asRelytError(databaseError(error, `resume the task ${processId}`, { processId }));
}
