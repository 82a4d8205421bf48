import type { AccessConfig } from '../config/access-config.ts';
import { type GarbageAction, type KnownTask, planGarbage } from '../core/garbage.ts';
import type { TaskState } from '../core/task-state.ts';
import type { Database } from '../database/database.ts';
import { type FileRow, readFiles } from '../database/statements/file.ts';
import {
  type GarbageTaskRow,
  readGarbageTask,
  taskExists,
} from '../database/statements/garbage.ts';
import type { Staging } from '../staging/staging-place.ts';
import { knownFile } from '../task/find-staged.ts';
import { hasTaskTables, schemaMissing, withDatabase } from './access.ts';
import { type Irregularities, readIrregularities } from './irregularities.ts';
import { withStaging } from './staging.ts';
import { type TaskFolder, taskFolders, UnknownFolders } from './task-folders.ts';

export interface GarbageOptions {
  /** Change nothing, only report what would be done. Default false. */
  readonly dryRun?: boolean | undefined;
  /**
   * What no row accounts for is deleted only when its task was silent for at least this time, in seconds. Default a day.
   * Another database that shares bucket and prefix has such objects: give each database a prefix of its own.
   */
  readonly olderThanSeconds?: number | undefined;
  /**
   * Also what belongs to no task of this database; default false, because another database may share the prefix.
   */
  readonly includeUnknown?: boolean | undefined;
}

/** What was deleted of one task, or would be. */
export interface CollectedTask {
  readonly processId: string;
  readonly status: TaskState | 'UNKNOWN';
  readonly objects: number;
  readonly bytes: number;
  readonly uploads: number;
}

export interface GarbageReport extends Irregularities {
  readonly dryRun: boolean;
  /** The bucket that was looked at, and below which prefix. */
  readonly location: string;
  readonly objects: number;
  readonly bytes: number;
  readonly uploads: number;
  /** By task and day. */
  readonly tasks: readonly CollectedTask[];
}

const DAY_SECONDS = 24 * 3600;

export async function removeGarbage(
  access: AccessConfig,
  options: GarbageOptions = {},
): Promise<GarbageReport> {
  return withDatabase(access, 'collect garbage', async (database) => {
    // Without rows to compare with, everything would look like garbage.
    if (!(await hasTaskTables(database))) throw schemaMissing();
    return withStaging(access, database, (staging) => collect(database, staging, options));
  });
}

async function collect(
  database: Database,
  staging: Staging,
  options: GarbageOptions,
): Promise<GarbageReport> {
  const { dryRun = false, olderThanSeconds = DAY_SECONDS, includeUnknown = false } = options;
  const tasks: CollectedTask[] = [];
  const clear = async (folder: TaskFolder, task?: KnownTask) => {
    const known = new Map(task === undefined ? [] : [[folder.processId, task]]);
    const limits = { now: new Date(), olderThanSeconds, includeUnknown };
    const actions = planGarbage({ prefix: staging.s3.prefix, ...folder }, known, limits);
    if (actions.length === 0) return;
    if (!dryRun) await carryOut(staging, actions);
    tasks.push(collectedTask(folder, task, actions));
  };
  const unknown = new UnknownFolders();
  for await (const folder of taskFolders(staging)) {
    // After the listing: the row of every object that was listed is written by now.
    const task = await knownTask(database, folder.processId);
    if (task !== undefined) await clear(folder, task);
    else if (!(await isHidden(database, folder.processId))) unknown.add(folder);
  }
  for (const folder of unknown.folders) await clear(folder);
  const sum = (count: (task: CollectedTask) => number) =>
    tasks.reduce((total, task) => total + count(task), 0);
  return {
    dryRun,
    location: `${staging.store.location}, prefix ${JSON.stringify(staging.s3.prefix)}`,
    objects: sum((task) => task.objects),
    bytes: sum((task) => task.bytes),
    uploads: sum((task) => task.uploads),
    tasks,
    ...(await readIrregularities(database, staging)),
  };
}

async function knownTask(database: Database, processId: string): Promise<KnownTask | undefined> {
  const [row] = await database.query<GarbageTaskRow>(readGarbageTask(processId));
  if (row === undefined) return undefined;
  const files = await database.query<FileRow>(readFiles(processId));
  return {
    status: row.status as TaskState,
    foreign: row.is_foreign,
    keepsImported: row.cleanup === 'never',
    files: new Map(files.map((file) => [file.s3_key, knownFile(file)])),
  };
}

/** A task of another role: what it needs cannot be seen, so none of its objects are garbage here. */
async function isHidden(database: Database, processId: string): Promise<boolean> {
  const [task] = await database.query<{ found: boolean }>(taskExists(processId));
  return task?.found !== false;
}

async function carryOut({ store }: Staging, actions: readonly GarbageAction[]): Promise<void> {
  for (const action of actions) {
    if (action.do === 'abort-upload') await store.abortMultipart(action.key, action.uploadId);
  }
  const keys = actions.flatMap((action) => (action.do === 'delete-object' ? [action.key] : []));
  if (keys.length > 0) await store.deleteObjects(keys);
}

function collectedTask(
  { processId }: TaskFolder,
  task: KnownTask | undefined,
  actions: readonly GarbageAction[],
): CollectedTask {
  const sizes = actions.flatMap((action) => (action.do === 'delete-object' ? [action.size] : []));
  return {
    processId,
    status: task?.status ?? 'UNKNOWN',
    objects: sizes.length,
    bytes: sizes.reduce((total, size) => total + size, 0),
    uploads: actions.length - sizes.length,
  };
}
