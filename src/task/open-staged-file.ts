import type { Layout } from '../core/layout.ts';
import {
  heldFileKey,
  stagedFileName,
  stagedFolderName,
  stagedObjectKey,
} from '../core/object-key.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { writerTag } from '../core/writer.ts';
import type { HeldFiles } from '../staging/held-files.ts';
import type { PartPool } from '../staging/part-pool.ts';
import { StagedFile } from '../staging/staged-file.ts';
import type { Staging } from '../staging/staging-place.ts';
import { FileWatch } from './file-watch.ts';
import { OpenFile, type OpenFileOptions } from './open-file.ts';
import type { HeldTask } from './open-task.ts';

export interface FilePlace {
  readonly fileId: number;
  readonly generation: number;
  /** Of the generation: yyyy-mm-dd. */
  readonly day: string;
  readonly lane: number;
  readonly firstOrdinal: number;
  readonly layout: Layout;
}

/** Begins a file: in S3, or in memory where the load uses none. Its key is decided here, once. */
export function openStagedFile(task: HeldTask, pool: PartPool, place: FilePlace): OpenFile {
  const { staging } = task.plan;
  const { fileId, lane, firstOrdinal, layout } = place;
  const written =
    staging.kind === 's3' ? inS3(task, staging, pool, place) : inMemory(task, staging, pool, place);
  return new OpenFile({ ...written, fileId, lane, layout, firstOrdinal });
}

type WrittenFile = Pick<OpenFileOptions, 'staged' | 'folder' | 'watch'>;

/** Its row is written before any byte reaches S3. */
function inS3(
  task: HeldTask,
  { s3, store }: Staging,
  pool: PartPool,
  place: FilePlace,
): WrittenFile {
  const { plan, ledger, end } = task;
  const { fileId, generation, lane } = place;
  const { folder, key } = keyOf(task, s3, place);
  const { bucket } = s3;
  const url = `${s3.endpoint}/${bucket}/${key}`;
  const watch = new FileWatch(plan, { fileId, layout: place.layout });
  const staged = new StagedFile({
    key,
    store,
    pool,
    maxPartsInFlight: s3.uploadConcurrency,
    gzip: plan.config.compression === 'gzip',
    signal: end.signal,
    beforeUpload: () => {
      watch.uploadBegins({ bucket, key });
      return ledger.created({ fileId, generation, lane, bucket, key, url });
    },
  });
  return folder === undefined ? { staged, watch } : { staged, watch, folder };
}

/** Its row is written by its import. */
function inMemory(
  { plan, writer, end }: HeldTask,
  { store }: { readonly store: HeldFiles },
  pool: PartPool,
  { fileId, layout }: FilePlace,
): WrittenFile {
  const stagedBy = { epoch: writer.epoch, tag: writerTag(writer.owner) };
  const key = heldFileKey(stagedFileName(fileId, stagedBy), layout.format);
  const watch = new FileWatch(plan, { fileId, layout });
  return { staged: store.open(key, pool, end.signal), watch };
}

function keyOf(
  { plan, writer }: HeldTask,
  s3: S3Settings,
  { fileId, generation, day, lane, layout }: FilePlace,
): { readonly key: string; readonly folder: string | undefined } {
  const { config, engine } = plan;
  const { processId, epoch, owner } = writer;
  const stagedBy = { epoch, tag: writerTag(owner) };
  const { folderPerImport } = engine.profile;
  const folder = folderPerImport ? stagedFolderName(generation, lane, stagedBy) : undefined;
  const key = stagedObjectKey({
    prefix: s3.prefix,
    day,
    processId,
    ...(folder === undefined ? {} : { folder }),
    fileName: stagedFileName(fileId, stagedBy),
    format: layout.format,
    gzip: config.compression === 'gzip',
  });
  return { key, folder };
}
