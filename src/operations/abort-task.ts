import type { AccessConfig } from '../config/access-config.ts';
import { isFree } from '../core/holder.ts';
import { taskTransition } from '../core/task-state.ts';
import type { Writer } from '../core/writer.ts';
import type { Database } from '../database/database.ts';
import { type FileRow, readFiles } from '../database/statements/file.ts';
import { cancelFiles } from '../database/statements/garbage.ts';
import type { TaskRow } from '../database/statements/lease.ts';
import { holdEpoch, refreshCheckpoint, setTaskStatus } from '../database/statements/task.ts';
import { PROFILES } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import type { Staging } from '../staging/staging-place.ts';
import { findStaged, isStaged, type StagingHistory } from '../task/find-staged.ts';
import { s3Location } from '../task/stored-settings.ts';
import { newOwner, takeOver } from '../task/take-over.ts';
import { type WatchedTask, watchHolder } from '../task/watch-holder.ts';
import { taskNotFound, withDatabase } from './access.ts';
import { withStaging } from './staging.ts';
import { readOverviews } from './task-overview.ts';

export interface AbortOptions {
  /** Take the task away from a process that is alive; that process then fails with LEASE_LOST. Default false. */
  readonly force?: boolean | undefined;
}

/** What an abort did. Rows that were imported stay. */
export interface AbortedTask {
  readonly processId: string;
  /** Target as `schema.table`. */
  readonly table: string;
  /** Staged files that were not imported, and never will be. */
  readonly filesDiscarded: number;
  /** Records in them, as far as they were complete. */
  readonly recordsDiscarded: number;
  readonly objectsDeleted: number;
  readonly uploadsAborted: number;
}

const REASON = 'aborted';

export async function cancelTask(
  access: AccessConfig,
  processId: string,
  options: AbortOptions = {},
): Promise<AbortedTask> {
  return withDatabase(access, `abort the task ${processId}`, async (database) => {
    const watched = await abortableTask(database, processId, options.force ?? false);
    const files = await database.query<FileRow>(readFiles(processId));
    const given = { database, processId, force: options.force ?? false, before: files };
    const usesS3 = watched.row.engine !== PROFILES.direct.engine || files.some(isStaged);
    if (!usesS3) return abort({ ...given, staging: undefined }, watched);
    return withStaging(access, database, (staging) => abort({ ...given, staging }, watched));
  });
}

async function abortableTask(
  database: Database,
  processId: string,
  force: boolean,
): Promise<WatchedTask> {
  const [overview] = await readOverviews(database, { processId, limit: 1 });
  if (overview === undefined) throw taskNotFound(processId);
  const watched = overview.foreign ? undefined : await watchHolder(database, processId);
  if (watched === undefined) {
    throw abortRefused(processId, 'belongs to another SDK', 'Abort it where it was started.');
  }
  const { row: task, verdict } = watched;
  if (taskTransition(task.status, 'cancel') === undefined) {
    const hint = 'Run `relyt gc` to delete what may be left of it in S3.';
    throw abortRefused(processId, `is ${task.status} already`, hint);
  }
  if (!isFree(verdict) && !force) {
    throw abortRefused(
      processId,
      `is alive: ${task.owner} works on it`,
      'Stop that process, which is cleaner, or take the task away from it: `relyt abort PROCESS_ID --force`.',
    );
  }
  return watched;
}

interface Abort {
  readonly database: Database;
  /** Undefined for a task that has nothing in S3. */
  readonly staging: Staging | undefined;
  readonly processId: string;
  readonly force: boolean;
  /** Rows of its files, before it was taken over. */
  readonly before: readonly FileRow[];
}

/** Seconds a holder of the lease has for the two statements that follow. */
const LEASE_SECONDS = 30;

/**
 * CANCELLED comes before the first deletion: from then on the task cannot be resumed, so nothing that is deleted
 * can be missed; and when a deletion fails, `gc` knows by the state that the rest is garbage.
 */
async function abort(given: Abort, { row: task, verdict }: WatchedTask): Promise<AbortedTask> {
  const { database, staging, processId, force, before } = given;
  if (staging !== undefined) await checkStaging(staging, before, { processId, task });
  const by = { owner: newOwner(), presence: undefined, leaseSeconds: LEASE_SECONDS };
  const writer = await takeOver({ processId, database, ...by, force, verdict }, task);
  if (writer === undefined) {
    throw abortRefused(
      processId,
      'was taken over by another process just now',
      'Run `relyt tasks` to see which process has it.',
    );
  }
  const files = await database.query<FileRow>(readFiles(processId));
  await cancel(database, writer, task.error_message);
  const deleted = await deleteStaged(staging, writer, { task, files });
  const discarded = files.filter(({ status }) => status !== 'IMPORTED');
  return {
    processId,
    table: task.pg_table,
    filesDiscarded: discarded.length,
    recordsDiscarded: discarded.reduce((sum, file) => sum + file.num_records, 0),
    ...deleted,
  };
}

/** Checks that S3 can be reached and the rows can be trusted, before anything is changed. */
async function checkStaging(
  staging: Staging,
  files: readonly FileRow[],
  { processId, task }: { readonly processId: string; readonly task: TaskRow },
): Promise<void> {
  checkLocation(staging, processId, task);
  await findStaged(staging, processId, historyOf(task, files));
}

function historyOf(task: TaskRow, files: readonly FileRow[]): StagingHistory {
  return { files, createdDay: task.created_day, isOthers: task.is_others };
}

/** Another bucket than the task's has none of its objects, so nothing would be deleted. */
function checkLocation({ s3 }: Staging, processId: string, { settings }: TaskRow): void {
  const stored = settings.s3Location;
  if (stored === undefined || stored === null || stored === s3Location(s3)) return;
  throw abortRefused(
    processId,
    `has its staged files in ${String(stored)}, and the settings are for ${s3Location(s3)}`,
    'Give the settings of that bucket: RELYT_S3_ENDPOINT, RELYT_S3_BUCKET and so on.',
  );
}

async function cancel(database: Database, writer: Writer, before: string | null): Promise<void> {
  const message = before === null ? REASON : `${REASON}, after it had failed: ${before}`;
  await database.transaction(async (transaction) => {
    const held = await transaction.execute(holdEpoch(writer));
    await transaction.execute(cancelFiles(writer, REASON));
    await transaction.execute(refreshCheckpoint(writer.processId));
    const ended = await transaction.execute(setTaskStatus(writer, 'CANCELLED', message));
    if (held === 1 && ended === 1) return;
    throw abortRefused(
      writer.processId,
      'was taken over by another process just now',
      'Try again.',
    );
  });
}

async function deleteStaged(
  staging: Staging | undefined,
  writer: Writer,
  { task, files }: { readonly task: TaskRow; readonly files: readonly FileRow[] },
): Promise<{ readonly objectsDeleted: number; readonly uploadsAborted: number }> {
  if (staging === undefined) return { objectsDeleted: 0, uploadsAborted: 0 };
  const { store } = staging;
  const keepsImported = task.settings.cleanup === 'never';
  const kept = new Set(
    files.flatMap((file) => (keepsImported && file.status === 'IMPORTED' ? [file.s3_key] : [])),
  );
  try {
    const found = await findStaged(staging, writer.processId, historyOf(task, files));
    for (const { key, uploadId } of found.uploads) await store.abortMultipart(key, uploadId);
    const keys = found.objects.map(({ key }) => key).filter((key) => !kept.has(key));
    await store.deleteObjects(keys);
    return { objectsDeleted: keys.length, uploadsAborted: found.uploads.length };
  } catch (error) {
    if (!(error instanceof RelytError)) throw error;
    throw new RelytError(
      error.code,
      `The task is CANCELLED, but not everything is deleted. ${error.message}`,
      {
        details: { ...error.details, processId: writer.processId },
        hint: `${error.hint} Then \`relyt gc\` deletes the rest.`,
        cause: error,
      },
    );
  }
}

function abortRefused(processId: string, what: string, hint: string): RelytError {
  return new RelytError('ABORT_REFUSED', `The task ${processId} ${what}.`, {
    details: { processId },
    hint,
  });
}
