import { stagedFileName, stagedFolderName, stagedObjectKey } from '../core/object-key.ts';
import { StagedFile } from '../staging/staged-file.ts';
import type { OpenFile } from './generation.ts';
import type { LoadTaskOptions } from './load-task-options.ts';

export interface FilePlace {
  readonly fileId: number;
  readonly generation: number;
  /** Of the generation: yyyy-mm-dd. */
  readonly day: string;
  readonly lane: number;
  readonly firstOrdinal: number;
}

/** Begins a staged file. Its key is decided here, once, and recorded before any byte reaches S3. */
export function openStagedFile(
  options: LoadTaskOptions,
  place: FilePlace,
  signal: AbortSignal,
): OpenFile {
  const { s3, ports, pool, ledger, gzip, folders } = options;
  const { processId, epoch } = options.target.writer;
  const { fileId, generation, day, lane, firstOrdinal } = place;
  const folder = folders ? stagedFolderName(generation, lane, epoch) : undefined;
  const key = stagedObjectKey({
    prefix: s3.prefix,
    day,
    processId,
    ...(folder === undefined ? {} : { folder }),
    fileName: stagedFileName(fileId, epoch),
    gzip,
  });
  const url = `${s3.endpoint}/${s3.bucket}/${key}`;
  const staged = new StagedFile({
    key,
    store: ports.store,
    pool,
    maxPartsInFlight: s3.uploadConcurrency,
    gzip,
    signal,
    beforeUpload: () => ledger.created({ fileId, generation, lane, bucket: s3.bucket, key, url }),
  });
  return {
    fileId,
    lane,
    key,
    staged,
    ...(folder === undefined ? {} : { folder }),
    firstOrdinal,
    lastOrdinal: firstOrdinal,
  };
}
