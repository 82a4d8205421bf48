import type { Statement } from '../statement.ts';

export interface NewFile {
  readonly processId: string;
  readonly fileId: number;
  readonly generation: number;
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
  (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at)
values ($1, $2, $3, $4, $5, $6, $7, 'CREATED', now())`,
  values: [
    file.processId,
    file.fileId,
    file.generation,
    file.lane,
    file.bucket,
    file.key,
    file.url,
  ],
});

export const freezeFiles = (processId: string, files: readonly FrozenFile[]): Statement => ({
  text: `update relyt_sys.relyt_loader_file f
set status = 'FROZEN', frozen_at = now(), first_ordinal = n.first_ordinal, last_ordinal = n.last_ordinal,
    num_records = n.records, num_bytes = n.bytes, stored_bytes = n.stored_bytes
from unnest($2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[])
  as n (file_id, first_ordinal, last_ordinal, records, bytes, stored_bytes)
where f.process_id = $1 and f.file_id = n.file_id and f.status = 'CREATED'`,
  values: [
    processId,
    files.map((file) => file.fileId),
    files.map((file) => file.firstOrdinal),
    files.map((file) => file.lastOrdinal),
    files.map((file) => file.records),
    files.map((file) => file.bytes),
    files.map((file) => file.storedBytes),
  ],
});

/** An importer takes files; an attempt after a failure takes them again. */
export const takeFiles = (processId: string, fileIds: readonly number[]): Statement => ({
  text: `update relyt_sys.relyt_loader_file set status = 'IMPORTING', attempts = attempts + 1
where process_id = $1 and file_id = any($2::int8[]) and status in ('FROZEN', 'IMPORTING')`,
  values: [processId, fileIds],
});

/**
 * The flip of G1: counts as imported only what was being imported. A row count other than the number of
 * files must roll the transaction back. The caller holds the task's epoch (`holdEpoch`).
 */
export const flipFiles = (
  processId: string,
  fileIds: readonly number[],
  importId: number,
): Statement => ({
  text: `update relyt_sys.relyt_loader_file
set status = 'IMPORTED', imported_at = clock_timestamp(), import_id = $3
where process_id = $1 and file_id = any($2::int8[]) and status = 'IMPORTING'`,
  values: [processId, fileIds, importId],
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
