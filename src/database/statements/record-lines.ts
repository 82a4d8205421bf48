import type { LineRun } from '../../core/record-lines.ts';
import type { Statement } from '../statement.ts';

/** Of staged files of which lines are known. */
export interface FileLines {
  readonly first: number;
  readonly last: number;
  readonly runs: readonly LineRun[];
}

export const linesOfFiles = (processId: string, fileIds: readonly number[]): Statement => ({
  name: 'linesOfFiles',
  text: `select first_ordinal as first, last_ordinal as last, source_lines as runs
from relyt_sys.relyt_loader_file
where process_id = $1 and file_id = any($2::int8[]) and source_lines is not null`,
  values: [processId, fileIds],
});

/** Tells rejected records where they are in their source. */
export const keepLines = (
  processId: string,
  records: readonly { readonly ordinal: number; readonly line: number }[],
): Statement => ({
  name: 'keepLines',
  text: `update relyt_sys.relyt_loader_reject r set source_line = n.line
from unnest($2::int8[], $3::int8[]) as n (ordinal, line)
where r.process_id = $1 and r.record_ordinal = n.ordinal`,
  values: [processId, records.map(({ ordinal }) => ordinal), records.map(({ line }) => line)],
});
