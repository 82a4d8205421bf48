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

/** Which rejected records; what is left out does not restrict. */
export interface RejectFilter {
  readonly code?: string | undefined;
  readonly column?: string | undefined;
  /** Stands in the reason or in the record, in any case. */
  readonly text?: string | undefined;
}

/** Long records make short pages, of one record at least. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** One page, in the order of the records; the last ordinal of a page is where the next begins. */
export const pageOfRejects = (
  processId: string,
  after: number,
  limit: number,
  { code, column, text }: RejectFilter = {},
): Statement => ({
  name: 'pageOfRejects',
  text: `select ordinal, position, line, stage, code, column_name, constraint_name, reason, record
from (
  select page.*, coalesce(sum(octet_length(record)) over (order by ordinal rows between unbounded preceding and 1 preceding), 0) as bytes_before
  from (
    select record_ordinal as ordinal, source_position::text as position, source_line as line, stage, code, column_name, constraint_name, reason, record::text as record
    from relyt_sys.relyt_loader_reject
    where process_id = $1 and record_ordinal > $2
      and ($5::text is null or code = $5) and ($6::text is null or column_name = $6)
      and ($7::text is null or strpos(lower(reason), lower($7)) > 0 or strpos(lower(record::text), lower($7)) > 0)
    order by record_ordinal limit $3
  ) page
) sized where bytes_before < $4 order by ordinal`,
  values: [processId, after, limit, PAGE_BYTES, code ?? null, column ?? null, text ?? null],
});

/** How many records were rejected for one code and column. */
export interface RejectCountRow {
  readonly code: string;
  readonly column_name: string | null;
  readonly rejected: number;
}

/** The most frequent first. */
export const countRejects = (processId: string, limit: number): Statement => ({
  name: 'countRejects',
  text: `select code, column_name, count(*) as rejected
from relyt_sys.relyt_loader_reject where process_id = $1
group by code, column_name order by count(*) desc, code, column_name limit $2`,
  values: [processId, limit],
});
