import { epochOfKey } from '../core/object-key.ts';
import { type FoundStaged, planRecovery, type RecoveryAction } from '../core/recovery.ts';
import {
  type FileRow,
  forgetFiles,
  releaseFiles,
  type Writer,
} from '../database/statements/file.ts';
import { RelytError } from '../errors.ts';
import { findStaged, knownFile, type StagingHistory } from './find-staged.ts';
import type { LoadPlan } from './plan-load.ts';

export interface InterruptedStaging extends StagingHistory {
  /** The task ran with `cleanup: 'always'`: a failure deleted what was not imported. */
  readonly discarded: boolean;
}

/**
 * Looks at rows, objects and uploads of a fenced task, and carries out what `planRecovery` says.
 * Returns the files that then wait for an import, in the order they were frozen.
 * @throws RelytError STAGED_FILE_LOST, STAGED_FILE_CHANGED; S3_…
 */
export async function recoverFiles(
  plan: LoadPlan,
  writer: Writer,
  { discarded, ...history }: InterruptedStaging,
): Promise<readonly FileRow[]> {
  const found = ofEarlierEpochs(await findStaged(plan, writer.processId, history), writer.epoch);
  const keepImported = plan.config.cleanup === 'never';
  const actions = planRecovery(history.files.map(knownFile), found, { keepImported });
  checkNothingLost(writer, actions, discarded);
  checkNothingChanged(writer, actions);
  await carryOut(plan, writer, actions);
  const released = new Set(fileIds(actions, 'release'));
  return history.files.filter((file) => released.has(file.file_id));
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
    `${lost.length} frozen file(s) are missing in S3${why}; the first: ${first.key}`,
    { details: { processId: writer.processId, fileId: String(first.fileId) } },
  );
}

function checkNothingChanged({ processId }: Writer, actions: readonly RecoveryAction[]): void {
  const changed = actions.filter((action) => action.do === 'report-changed');
  const [first] = changed;
  if (first === undefined) return;
  const { key, difference, fileId } = first;
  throw new RelytError(
    'STAGED_FILE_CHANGED',
    `${changed.length} frozen file(s) are not those that were staged; the first: ${key} ${difference}`,
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
  { store, database }: LoadPlan,
  writer: Writer,
  actions: readonly RecoveryAction[],
): Promise<void> {
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
