import { epochOfKey, taskFolderOf } from '../core/object-key.ts';
import {
  type FoundObject,
  type FoundStaged,
  type FoundUpload,
  planRecovery,
  type RecoveryAction,
} from '../core/recovery.ts';
import { stagingDays } from '../core/staging-days.ts';
import {
  type FileRow,
  forgetFiles,
  releaseFiles,
  type Writer,
} from '../database/statements/file.ts';
import { RelytError } from '../errors.ts';
import type { TaskWorld } from './task-world.ts';

/** Where staged files are. */
export type Staging = Pick<TaskWorld, 'store' | 's3'>;

export interface RecordedTask {
  readonly files: readonly FileRow[];
  /** UTC day the task was created: a file whose row was never written stands in the folder of any day since. */
  readonly createdDay: string;
  /** It ran with `cleanup: 'always'`: a failure deleted what was not imported. */
  readonly discarded?: boolean;
}

/** Looks at rows, objects and uploads of a fenced task, and carries out what `planRecovery` says. */
export async function recoverFiles(
  world: TaskWorld,
  writer: Writer,
  task: RecordedTask,
): Promise<void> {
  const found = ofEarlierEpochs(await findStaged(world, writer.processId, task), writer.epoch);
  const files = task.files.map((file) => ({
    fileId: file.file_id,
    key: file.s3_key,
    status: file.status,
    storedBytes: file.stored_bytes,
    wasFrozen: file.was_frozen,
  }));
  const keepImported = world.config.cleanup === 'never';
  const actions = planRecovery(files, found, { keepImported });
  checkNothingLost(writer, actions, task.discarded ?? false);
  await carryOut(world, writer, actions);
}

function checkNothingLost(
  writer: Writer,
  actions: readonly RecoveryAction[],
  discarded: boolean,
): void {
  const lost = actions.filter((action) => action.do === 'report-lost');
  const [first] = lost;
  if (first === undefined) return;
  const why = discarded
    ? "; the task ran with cleanup 'always', which deletes them on failure"
    : '';
  throw new RelytError(
    'STAGED_FILE_LOST',
    `${lost.length} frozen file(s) are missing in S3 or have another size${why}; the first: ${first.key}`,
    { details: { processId: writer.processId, fileId: String(first.fileId) } },
  );
}

/**
 * This process itself may have been paused and taken over meanwhile: what its successor stages is none of its
 * business (G6).
 */
function ofEarlierEpochs({ objects, uploads }: FoundStaged, epoch: number): FoundStaged {
  const isEarlier = ({ key }: { readonly key: string }) => (epochOfKey(key) ?? 0) < epoch;
  return { objects: objects.filter(isEarlier), uploads: uploads.filter(isEarlier) };
}

/** Everything in the folders of a task. */
export async function findStaged(
  staging: Staging,
  processId: string,
  task: RecordedTask,
): Promise<FoundStaged> {
  const objects: FoundObject[] = [];
  const uploads: FoundUpload[] = [];
  for (const folder of taskFolders(staging, processId, task)) {
    for await (const object of staging.store.list(folder)) objects.push(object);
    for await (const upload of staging.store.listMultipartUploads(folder)) uploads.push(upload);
  }
  return { objects, uploads };
}

function taskFolders(staging: Staging, processId: string, task: RecordedTask): ReadonlySet<string> {
  const prefix = staging.s3.prefix === '' ? '' : `${staging.s3.prefix}/`;
  const recorded = task.files.map((file) => taskFolderOf(file.s3_key, processId));
  // The prefix may have been another one when they were staged.
  const prefixes = new Set([prefix, ...recorded.map((folder) => prefixOf(folder, processId))]);
  const days = stagingDays(task.createdDay, new Date().toISOString().slice(0, 10));
  const daily = [...prefixes].flatMap((above) => days.map((day) => `${above}${day}/${processId}/`));
  return new Set([...recorded, ...daily]);
}

/** What stands above the day in the folder of a task. */
function prefixOf(folder: string, processId: string): string {
  return folder.slice(0, -`yyyy-mm-dd/${processId}/`.length);
}

async function carryOut(
  world: TaskWorld,
  writer: Writer,
  actions: readonly RecoveryAction[],
): Promise<void> {
  const { store, database } = world;
  for (const action of actions) {
    if (action.do === 'abort-upload') await store.abortMultipart(action.key, action.uploadId);
  }
  const surplus = actions.flatMap((action) => (action.do === 'delete-object' ? [action.key] : []));
  if (surplus.length > 0) await store.deleteObjects(surplus);
  await database.execute(forgetFiles(writer, fileIds(actions, 'forget-file')));
  await database.execute(releaseFiles(writer, fileIds(actions, 'release')));
}

function fileIds(actions: readonly RecoveryAction[], kind: 'forget-file' | 'release'): number[] {
  return actions.flatMap((action) => (action.do === kind ? [action.fileId] : []));
}
