import type { Statement } from '../statement.ts';

export interface RejectedRow {
  readonly ordinal: number;
  /** JSON text; null where the application gave no positions. */
  readonly position: string | null;
  readonly line: number | null;
  readonly stage: 'encode' | 'import';
  readonly code: string;
  readonly column_name: string | null;
  readonly constraint_name: string | null;
  readonly reason: string;
  /** JSON text as it was kept. */
  readonly record: string | null;
}

/** Long records make short pages, of one record at least. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** One page, in the order of the records; the last ordinal of a page is where the next begins. */
export const pageOfRejects = (processId: string, after: number, limit: number): Statement => ({
  name: 'pageOfRejects',
  text: `select ordinal, position, line, stage, code, column_name, constraint_name, reason, record
from (
  select page.*, coalesce(sum(octet_length(record)) over (order by ordinal rows between unbounded preceding and 1 preceding), 0) as bytes_before
  from (
    select record_ordinal as ordinal, source_position::text as position, source_line as line, stage, code, column_name, constraint_name, reason, record::text as record
    from relyt_sys.relyt_loader_reject
    where process_id = $1 and record_ordinal > $2 order by record_ordinal limit $3
  ) page
) sized where bytes_before < $4 order by ordinal`,
  values: [processId, after, limit, PAGE_BYTES],
});
