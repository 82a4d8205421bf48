import type { Layout } from '../core/layout.ts';
import { stagedFileName, stagedFolderName, stagedObjectKey } from '../core/object-key.ts';
import { RecordLines } from '../core/record-lines.ts';
import { writerTag } from '../core/writer.ts';
import type { PartPool } from '../staging/part-pool.ts';
import { StagedFile } from '../staging/staged-file.ts';
import type { OpenFile } from './generation.ts';
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

/** Begins a staged file. Its key is decided here, once, and its row written before any byte reaches S3. */
export function openStagedFile(task: HeldTask, pool: PartPool, place: FilePlace): OpenFile {
  const { plan, ledger, end } = task;
  const { s3, store, config } = plan;
  const { fileId, generation, lane, firstOrdinal, layout } = place;
  const { folder, key } = keyOf(task, place);
  const url = `${s3.endpoint}/${s3.bucket}/${key}`;
  const staged = new StagedFile({
    key,
    store,
    pool,
    maxPartsInFlight: s3.uploadConcurrency,
    gzip: config.compression === 'gzip',
    signal: end.signal,
    beforeUpload: () => ledger.created({ fileId, generation, lane, bucket: s3.bucket, key, url }),
  });
  return {
    fileId,
    lane,
    key,
    staged,
    ...(folder === undefined ? {} : { folder }),
    layout,
    firstOrdinal,
    lastOrdinal: firstOrdinal,
    ordinalsPastFirst: 0,
    gaps: [],
    lines: new RecordLines(),
  };
}

function keyOf(
  { plan, writer }: HeldTask,
  { fileId, generation, day, lane, layout }: FilePlace,
): { readonly key: string; readonly folder: string | undefined } {
  const { s3, config, engine } = plan;
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
