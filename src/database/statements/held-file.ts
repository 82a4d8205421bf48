import type { Statement } from '../statement.ts';
import { FROZEN_COLUMNS, FROZEN_ROWS, type FrozenFiles, frozenValues } from './file.ts';

/** Files that were never staged: their rows are written by the import that brings their records. */
export interface ImportedFiles extends FrozenFiles {
  readonly generation: number;
  readonly importId: number;
  /** Times that the import was begun. */
  readonly attempts: number;
}

/**
 * Files from memory, imported from the first. In the transaction of the import, after it has advanced the task, and so
 * holds its epoch: a row written while another process takes over would be in the way of its own.
 */
export const insertImportedFiles = (
  processId: string,
  { generation, importId, attempts, ...frozen }: ImportedFiles,
): Statement => ({
  name: 'insertImportedFiles',
  text: `insert into relyt_sys.relyt_loader_file
  (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at, frozen_at, imported_at, attempts,
   import_id, first_ordinal, last_ordinal, num_records, num_bytes, source_lines, ordinal_sum, layout, ordinal_gaps,
   staged_columns, source_position, reached_position, reached_ordinal, conflict_mode, owner_role)
select $1, n.file_id, $18, n.lane, '', n.key, '', 'IMPORTED', now(), clock_timestamp(), clock_timestamp(), $19::int,
  $20, n.first_ordinal, n.last_ordinal, n.records, n.bytes, n.lines::jsonb, n.ordinal_sum, n.layout, n.gaps::jsonb,
  $11::text[], $12::jsonb, $13::jsonb, $14::int8, $15, t.owner_role
from ${FROZEN_ROWS}, $16::int4[], $17::text[])
  as n (${FROZEN_COLUMNS}, lane, key)
join relyt_sys.relyt_loader_task t on t.process_id = $1`,
  values: [
    processId,
    ...frozenValues(frozen),
    frozen.files.map((file) => file.lane),
    frozen.files.map((file) => file.key),
    generation,
    attempts,
    importId,
  ],
});
