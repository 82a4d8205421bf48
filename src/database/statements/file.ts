import type { Statement } from '../statement.ts';

export interface NewFile {
  readonly processId: string;
  readonly fileId: number;
  readonly lane: number;
  readonly bucket: string;
  readonly key: string;
  readonly url: string;
}

export interface FrozenFile {
  readonly fileId: number;
  readonly firstOrdinal: number;
  readonly lastOrdinal: number;
  readonly records: number;
  readonly bytes: number;
  readonly storedBytes: number;
}

export const insertFile = (file: NewFile): Statement => ({
  text: `insert into relyt_sys.relyt_loader_file
  (process_id, file_id, lane, s3_bucket, s3_key, s3_url, status, created_at)
values ($1, $2, $3, $4, $5, $6, 'CREATED', now())`,
  values: [file.processId, file.fileId, file.lane, file.bucket, file.key, file.url],
});

export const freezeFile = (processId: string, file: FrozenFile): Statement => ({
  text: `update relyt_sys.relyt_loader_file
set status = 'FROZEN', frozen_at = now(), first_ordinal = $3, last_ordinal = $4,
    num_records = $5, num_bytes = $6, stored_bytes = $7
where process_id = $1 and file_id = $2 and status = 'CREATED'`,
  values: [
    processId,
    file.fileId,
    file.firstOrdinal,
    file.lastOrdinal,
    file.records,
    file.bytes,
    file.storedBytes,
  ],
});

/** An importer takes files; an attempt after a failure takes them again. */
export const takeFiles = (processId: string, fileIds: readonly number[]): Statement => ({
  text: `update relyt_sys.relyt_loader_file set status = 'IMPORTING', attempts = attempts + 1
where process_id = $1 and file_id = any($2::int8[]) and status in ('FROZEN', 'IMPORTING')`,
  values: [processId, fileIds],
});

/**
 * The flip of G1 and G6: counts as imported only what was being imported, and only for the holder of the
 * task's epoch. A row count other than the number of files must roll the transaction back.
 */
export const flipFiles = (flip: {
  readonly processId: string;
  readonly fileIds: readonly number[];
  readonly epoch: number;
  readonly importId: number;
}): Statement => ({
  text: `update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $4
where process_id = $1 and file_id = any($2::int8[]) and status = 'IMPORTING'
  and exists (select 1 from relyt_sys.relyt_loader_task t where t.process_id = $1 and t.epoch = $3)`,
  values: [flip.processId, flip.fileIds, flip.epoch, flip.importId],
});

export const failFiles = (
  processId: string,
  fileIds: readonly number[],
  error: string,
): Statement => ({
  text: `update relyt_sys.relyt_loader_file set status = 'ERROR', error = $3
where process_id = $1 and file_id = any($2::int8[]) and status in ('CREATED', 'FROZEN', 'IMPORTING')`,
  values: [processId, fileIds, error],
});

/** Settles an unknown outcome: which of these files has the lost COMMIT made IMPORTED. */
export const importedFiles = (processId: string, fileIds: readonly number[]): Statement => ({
  text: `select file_id from relyt_sys.relyt_loader_file
where process_id = $1 and file_id = any($2::int8[]) and status = 'IMPORTED'`,
  values: [processId, fileIds],
});
