import { counted } from '../core/figures.ts';
import { epochOfKey } from '../core/object-key.ts';
import { type FoundStaged, planRecovery, type RecoveryAction } from '../core/recovery.ts';
import { replayPoint, replayText } from '../core/replay.ts';
import { restoredJson } from '../core/storable-json.ts';
import type { Writer } from '../core/writer.ts';
import {
  type FileRow,
  forgetFiles,
  releaseFiles,
  reopenFiles,
} from '../database/statements/file.ts';
import { forgetImports } from '../database/statements/import.ts';
import { forgetRefused } from '../database/statements/reject.ts';
import { holdEpoch } from '../database/statements/task.ts';
import { RelytError } from '../errors.ts';
import { lostTask } from '../importing/taken-over.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { findStaged, isStaged, knownFile, type StagingHistory } from './find-staged.ts';
import type { LoadPlan } from './plan-load.ts';

export interface InterruptedStaging extends StagingHistory {
  /** The task ran with `cleanup: 'always'`: a failure deleted what was not imported. */
  readonly discarded: boolean;
  /** What was imported is not in the target any more. */
  readonly rowsLost: boolean;
}

/**
 * Looks at rows, objects and uploads of a fenced task, and carries out what `planRecovery` says.
 * Returns the files that then wait for an import, in the order they were frozen.
 * @throws RelytError STAGED_FILE_LOST, STAGED_FILE_CHANGED; S3_…
 */
export async function recoverFiles(
  plan: LoadPlan,
  writer: Writer,
  { discarded, rowsLost, ...history }: InterruptedStaging,
): Promise<readonly FileRow[]> {
  const found = await stagedByOthers(plan, writer, history);
  const actions = planRecovery(history.files.map(knownFile), found, { rowsLost });
  checkNoneGone(writer, actions, history.files);
  checkNothingLost(writer, actions, { files: history.files, discarded });
  checkNothingChanged(writer, actions);
  await carryOut(plan, writer, actions);
  const waiting = new Set([...fileIds(actions, 'release'), ...fileIds(actions, 'reopen')]);
  return history.files.filter((file) => waiting.has(file.file_id));
}

/** What earlier processes of the task have in S3. */
async function stagedByOthers(
  { staging }: LoadPlan,
  writer: Writer,
  history: StagingHistory,
): Promise<FoundStaged> {
  if (staging.kind === 's3')
    return ofEarlierEpochs(await findStaged(staging, writer.processId, history), writer.epoch);
  checkNothingStaged(writer, history.files);
  return { objects: [], uploads: [] };
}

/** Only a process with the settings of S3 can import the files that wait there, or remove them. */
function checkNothingStaged({ processId }: Writer, files: readonly FileRow[]): void {
  const waiting = files.filter((file) => isStaged(file) && file.status !== 'IMPORTED');
  const [first] = waiting;
  if (first === undefined) return;
  throw new RelytError(
    'RESUME_REFUSED',
    `The task ${processId} has ${counted(waiting.length, 'file')} in S3 that are not imported, and the engine 'direct' does not use S3. The first: ${first.s3_key}.`,
    {
      details: { processId, fileId: String(first.file_id) },
      hint: 'Resume it with the engine and the S3 settings that it was started with: `relyt show PROCESS_ID` shows them.',
    },
  );
}

/** Files that were imported from memory cannot be imported again when their rows are gone. */
function checkNoneGone(
  { processId }: Writer,
  actions: readonly RecoveryAction[],
  files: readonly FileRow[],
): void {
  const held = new Set(files.filter((file) => !isStaged(file)).map((file) => file.file_id));
  const gone = actions.filter((action) => action.do === 'report-lost' && held.has(action.fileId));
  if (gone.length === 0) return;
  throw new RelytError(
    'STAGED_FILE_LOST',
    `The rows of ${counted(gone.length, 'imported file')} are not in the table any more, and the engine 'direct', which loaded them, keeps no files.`,
    {
      details: { processId },
      hint: 'Abort the task (`relyt abort PROCESS_ID`) and load the source again (`relyt load … --anew`). In a table without a key, first delete the rows that this task loaded.',
    },
  );
}

function checkNothingLost(
  writer: Writer,
  actions: readonly RecoveryAction[],
  { files, discarded }: { readonly files: readonly FileRow[]; readonly discarded: boolean },
): void {
  const lost = actions.filter((action) => action.do === 'report-lost');
  const [first] = lost;
  if (first === undefined) return;
  const { processId } = writer;
  const lostIds = lost.map(({ fileId }) => fileId);
  const point = replayPoint(files.map(placedFile), lostIds);
  const replay = point === undefined ? '' : ` Replay the source ${replayText(point)}.`;
  const why = discarded
    ? " The task ran with cleanup 'always', which deletes them on failure."
    : '';
  throw new RelytError(
    'STAGED_FILE_LOST',
    `S3 lacks ${counted(lost.length, 'frozen file')}; the first: ${first.key}.${why}${replay}`,
    {
      details: { processId, fileId: String(first.fileId) },
      hint: 'Abort the task (`relyt abort PROCESS_ID`) and load the source again (`relyt load … --anew`): the records cannot be imported any more. In a table without a key, first delete the rows that this task loaded from there on.',
    },
  );
}

function checkNothingChanged({ processId }: Writer, actions: readonly RecoveryAction[]): void {
  const changed = actions.filter((action) => action.do === 'report-changed');
  const [first] = changed;
  if (first === undefined) return;
  const { key, difference, fileId } = first;
  throw new RelytError(
    'STAGED_FILE_CHANGED',
    `${counted(changed.length, 'frozen file')} changed in S3 after staging; the first: ${key} ${difference}.`,
    { details: { processId, fileId: String(fileId) } },
  );
}

/**
 * This process itself may have been paused and taken over meanwhile: what its successor stages is not its to touch
 * (G6).
 */
function ofEarlierEpochs({ objects, uploads }: FoundStaged, epoch: number): FoundStaged {
  const isEarlier = ({ key }: { readonly key: string }) => (epochOfKey(key) ?? 0) < epoch;
  return { objects: objects.filter(isEarlier), uploads: uploads.filter(isEarlier) };
}

async function carryOut(
  { staging, database }: LoadPlan,
  writer: Writer,
  actions: readonly RecoveryAction[],
): Promise<void> {
  if (staging.kind === 's3') await removeSurplus(staging.store, actions);
  await database.execute(forgetFiles(writer, fileIds(actions, 'forget-file')));
  await database.execute(releaseFiles(writer, fileIds(actions, 'release')));
  await undoImports(database, writer, fileIds(actions, 'reopen'));
}

async function removeSurplus(
  store: ObjectStore,
  actions: readonly RecoveryAction[],
): Promise<void> {
  for (const action of actions) {
    if (action.do === 'abort-upload') await store.abortMultipart(action.key, action.uploadId);
  }
  const surplus = actions.flatMap((action) => (action.do === 'delete-object' ? [action.key] : []));
  if (surplus.length > 0) await store.deleteObjects(surplus);
}

/** What was counted for rows that are gone is counted again, or nothing would add up (G2). All of it or nothing. */
async function undoImports(
  database: LoadPlan['database'],
  writer: Writer,
  files: readonly number[],
): Promise<void> {
  if (files.length === 0) return;
  const { processId } = writer;
  await database.transaction(async (transaction) => {
    if ((await transaction.execute(holdEpoch(writer))) !== 1)
      throw await lostTask(transaction, writer);
    await transaction.execute(forgetImports(processId));
    await transaction.execute(forgetRefused(processId));
    await transaction.execute(reopenFiles(processId, files));
  });
}

function placedFile({ file_id, first_ordinal, reached_position, reached_ordinal }: FileRow) {
  const position = restoredJson(reached_position);
  return {
    fileId: file_id,
    firstOrdinal: first_ordinal,
    position,
    positionOrdinal: reached_ordinal,
  };
}

function fileIds(
  actions: readonly RecoveryAction[],
  kind: 'forget-file' | 'release' | 'reopen',
): number[] {
  return actions.flatMap((action) => (action.do === kind ? [action.fileId] : []));
}
