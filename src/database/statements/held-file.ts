import { layoutText } from '../../core/layout.ts';
import type { Statement } from '../statement.ts';
import { type FrozenFile, type FrozenFiles, jsonOf } from './file.ts';

/** A file that was never staged: its row is written by the import that brings its records. */
export interface HeldFileRow extends FrozenFile {
  readonly lane: number;
  readonly key: string;
}

export interface ImportedFiles extends FrozenFiles {
  readonly files: readonly HeldFileRow[];
  readonly generation: number;
  readonly importId: number;
  /** Times that the import was begun. */
  readonly attempts: number;
}

/**
 * Files from memory, imported from the first. In the transaction of the import, after it has advanced the task, and so
 * holds its epoch: a row written while another process takes over would stand in the way of its own.
 */
export const insertImportedFiles = (
  processId: string,
  { files, columns, mode, source, generation, importId, attempts }: ImportedFiles,
): Statement => ({
  name: 'insertImportedFiles',
  text: `insert into relyt_sys.relyt_loader_file
  (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at, frozen_at, imported_at, attempts,
   import_id, first_ordinal, last_ordinal, num_records, num_bytes, source_lines, ordinal_sum, layout, staged_columns,
   source_position, reached_position, reached_ordinal, ordinal_gaps, conflict_mode, owner_role)
select $1, n.file_id, $2, n.lane, '', n.key, '', 'IMPORTED', now(), clock_timestamp(), clock_timestamp(), $3::int,
  $4, n.first_ordinal, n.last_ordinal, n.records, n.bytes, n.lines::jsonb, n.ordinal_sum, n.layout, $5::text[],
  $6::jsonb, $7::jsonb, $18::int8, n.gaps::jsonb, $20, t.owner_role
from unnest($8::int8[], $9::int4[], $10::text[], $11::int8[], $12::int8[], $13::int8[], $14::int8[], $15::text[],
            $16::numeric[], $17::text[], $19::text[])
  as n (file_id, lane, key, first_ordinal, last_ordinal, records, bytes, lines, ordinal_sum, layout, gaps)
join relyt_sys.relyt_loader_task t on t.process_id = $1`,
  values: [
    processId,
    generation,
    attempts,
    importId,
    columns,
    jsonOf(source.filePosition),
    jsonOf(source.position),
    files.map((file) => file.fileId),
    files.map((file) => file.lane),
    files.map((file) => file.key),
    files.map((file) => file.firstOrdinal),
    files.map((file) => file.lastOrdinal),
    files.map((file) => file.records),
    files.map((file) => file.bytes),
    files.map(({ lines }) => (lines.length === 0 ? null : JSON.stringify(lines))),
    files.map((file) => String(file.ordinalSum)),
    files.map(({ layout }) => layoutText(layout)),
    source.position === undefined ? null : source.positionOrdinal,
    files.map(({ gaps }) => jsonOf(gaps)),
    mode,
  ],
});
