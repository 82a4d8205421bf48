import type { BulkProcessorConfig } from '../config.ts';
import { stagedFolderOf } from '../core/object-key.ts';
import { RejectBudget } from '../core/reject-budget.ts';
import { asRelytError } from '../core/task-failure.ts';
import { taskTransition } from '../core/task-state.ts';
import { databaseError } from '../database/database-error.ts';
import type { Lease } from '../database/lease.ts';
import { type FileRow, readFiles, type Writer } from '../database/statements/file.ts';
import { maxImportId } from '../database/statements/import.ts';
import { readTask, type TaskRow } from '../database/statements/lease.ts';
import { countRejects, dropUnfrozenRejects } from '../database/statements/reject.ts';
import { setTaskStatus } from '../database/statements/task.ts';
import { RelytError } from '../errors.ts';
import type { SafeEmitter } from '../events.ts';
import type { ImportFile } from '../importing/import-transaction.ts';
import { checkTypes } from '../target/hold-table.ts';
import { beginLoad, type TaskStart } from './begin-load.ts';
import { endFailed } from './end-failed.ts';
import { newLedger, type Opening, openingOf, taskLease } from './open-task.ts';
import { differingSettings } from './recorded-settings.ts';
import { recoverFiles } from './recover-files.ts';
import { isHeld, takeOver } from './take-over.ts';
import { TaskTally } from './task-tally.ts';
import { openWorld, type TaskWorld } from './task-world.ts';

export interface ResumeOptions {
  /** Settings that may differ from those the task was started with: 'onConflict', 'columns', 's3Location', 'engine'. */
  readonly allowChanges?: readonly string[];
}

/**
 * Takes an interrupted task over: fences the process that had it, imports what was frozen, cleans up what was
 * not. Afterwards the task is as if it had just received the last frozen record.
 */
export async function resumeTask(
  processId: string,
  given: BulkProcessorConfig,
  options: ResumeOptions & { readonly emitter: SafeEmitter },
): Promise<Opening> {
  const world = await openWorld(given, processId);
  let lease: Lease | undefined;
  let writer: Writer | undefined;
  try {
    const task = await resumableTask(world, processId, options.allowChanges ?? []);
    writer = await continueTask(world, processId, task);
    // What follows may take longer than a lease.
    lease = taskLease(world, writer);
    const start = await recoveredStart(world, { task, writer, lease, emitter: options.emitter });
    await importFrozen(world, start, task);
    const [imports] = await world.database.query<{ last: number }>(maxImportId(processId));
    return openingOf(
      world,
      { ...start, lastImportId: imports?.last ?? 0 },
      { position: task.source_position ?? undefined, staged: task.staged_columns ?? undefined },
    );
  } catch (error) {
    const failure = asRelytError(
      databaseError(error, `resume the task ${processId}`, { processId }),
    );
    await lease?.stop();
    // Otherwise it would seem to run until its lease is over.
    if (writer !== undefined) await markFailed(world, writer, failure);
    await world.close();
    throw failure;
  }
}

async function markFailed(world: TaskWorld, writer: Writer, failure: RelytError): Promise<void> {
  const statement = setTaskStatus(writer, 'FAILED', failure.message);
  await world.database.execute(statement).catch(() => undefined);
}

async function resumableTask(
  world: TaskWorld,
  processId: string,
  allowChanges: readonly string[],
): Promise<TaskRow> {
  const { database, table, config, s3 } = world;
  const [task] = await database.query<TaskRow>(readTask(processId));
  if (task === undefined) {
    throw refusal(processId, 'does not exist', '`relyt tasks` lists all tasks.');
  }
  if (taskTransition(task.status, 'resume') === undefined) {
    throw refusal(
      processId,
      `is ${task.status}, so there is nothing to resume`,
      'Start a new task.',
    );
  }
  const shown = `${table.schema}.${table.name}`;
  if (task.pg_table !== shown) {
    throw refusal(
      processId,
      `loads ${task.pg_table}, not ${shown}`,
      `Set the table to ${task.pg_table}.`,
    );
  }
  const now = { config, s3, engine: world.engine.profile.engine };
  const differing = differingSettings({ engine: task.engine, ...task.settings }, now).filter(
    ({ name }) => !allowChanges.includes(name),
  );
  if (differing.length > 0) {
    throw refusal(
      processId,
      `was started with other settings: ${differing.map(({ text }) => text).join('; ')}`,
      `Use the same settings, or allow the change: allowChanges (--allow-change) ${differing.map(({ name }) => name).join(', ')}.`,
    );
  }
  return task;
}

function adopted(
  { file_id, lane, s3_key: key, num_records }: FileRow,
  processId: string,
): ImportFile {
  const folder = stagedFolderOf(key, processId);
  return { fileId: file_id, lane, key, records: num_records, ...(folder && { folder }) };
}

function refusal(processId: string, what: string, hint: string): RelytError {
  return new RelytError('RESUME_REFUSED', `the task ${processId} ${what}`, {
    details: { processId },
    hint,
  });
}

/** A task still RUNNING is taken over only when its lease ran out. */
async function continueTask(world: TaskWorld, processId: string, task: TaskRow): Promise<Writer> {
  const { database, config, owner } = world;
  if (isHeld(task)) {
    throw refusal(
      processId,
      `is still being written by ${task.owner}`,
      `Stop that process, or wait ${Math.ceil(task.lease_left_seconds)} s after it died.`,
    );
  }
  const { leaseSeconds } = config;
  const writer = await takeOver({ processId, database, owner, leaseSeconds }, task);
  if (writer === undefined)
    throw refusal(processId, 'was taken over by somebody else just now', 'Look at `relyt tasks`.');
  return writer;
}

async function recoveredStart(
  world: TaskWorld,
  given: Pick<TaskStart, 'writer' | 'lease' | 'emitter'> & { readonly task: TaskRow },
): Promise<TaskStart> {
  const { database, config } = world;
  const { task, writer, lease, emitter } = given;
  const { processId } = writer;
  const files = await database.query<FileRow>(readFiles(processId));
  const discarded = task.settings.cleanup === 'always';
  await recoverFiles(world, writer, { files, createdDay: task.created_day, discarded });
  await database.execute(dropUnfrozenRejects(writer, task.last_ordinal));
  const [rejects] = await database.query<{ count: number }>(countRejects(processId));
  const [imports] = await database.query<{ last: number }>(maxImportId(processId));
  return {
    writer,
    lease,
    emitter,
    ledger: newLedger(world, writer),
    tally: new TaskTally({ received: task.last_ordinal, rejected: rejects?.count ?? 0 }),
    rejects: new RejectBudget(config.maxErrorRecords, rejects?.count ?? 0),
    // In the order of their ids, and generations are numbered in the same order.
    lastFileId: files.at(-1)?.file_id ?? 0,
    lastGeneration: files.at(-1)?.generation ?? 0,
    lastImportId: imports?.last ?? 0,
  };
}

/** What was frozen goes in before any new record: its lanes may be others than the new ones (G3). */
async function importFrozen(world: TaskWorld, start: TaskStart, task: TaskRow): Promise<void> {
  const files = await world.database.query<FileRow>(readFiles(start.writer.processId));
  const frozen = files.filter((file) => file.status === 'FROZEN');
  if (frozen.length === 0 || task.staged_columns === null) return;
  const types = task.staged_types ?? [];
  const staged = task.staged_columns.map((name, n) => ({ name, sqlType: types[n] ?? '' }));
  checkTypes(world.table, staged, world.table.columns);
  const first = Object.fromEntries(task.staged_columns.map((name) => [name, '']));
  const load = beginLoad(world, start, { first, columns: task.staged_columns });
  load.adopt(frozen.map((file) => adopted(file, start.writer.processId)));
  try {
    await load.flush();
  } catch (error) {
    await load.settle();
    await endFailed({ ...start, config: world.config }, load, asRelytError(error));
    throw error;
  }
}
