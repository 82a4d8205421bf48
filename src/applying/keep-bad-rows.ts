import { MAX_KEPT_LENGTH, NOT_KEPT } from '../core/kept-records.ts';
import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { ident, type Statement } from '../database/statement.ts';
import type { InsertPlan } from './plan.ts';
import { BAD_ROWS, N, TEXT_ROWS } from './text-rows.ts';

/** Keeps the bad rows as rejected records, and returns them. A long one is kept without its values. */
export const keepBadRows = (
  { columns }: InsertPlan,
  processId: string,
  fileIds: readonly number[],
): Statement => ({
  name: 'keepBadRows',
  text: `insert into relyt_sys.relyt_loader_reject
  (process_id, record_ordinal, file_id, source_position, stage, code, column_name, constraint_name, reason, record, created_at, owner_role)
select $1, b.ordinal, f.file_id, f.source_position, 'import', b.code, b.column_name, b.constraint_name,
       case when b.is_long then b.reason || ' ' || $4::text else b.reason end,
       case when not b.is_long then b.record end, now(), t.owner_role
from (
  select made.*, length(made.record::text) > $3 as is_long
  from (${badRecords(columns.map(({ name }) => `s.${ident(name)}`))}) made
) b
join relyt_sys.relyt_loader_task t on t.process_id = $1
left join relyt_sys.relyt_loader_file f on f.process_id = $1 and f.file_id = any($2::int8[])
  and b.ordinal between f.first_ordinal and f.last_ordinal
returning record_ordinal as ordinal, code, column_name as "column", constraint_name as "constraint", reason`,
  values: [processId, fileIds, MAX_KEPT_LENGTH, NOT_KEPT],
});

/** `kept.*` is the row, whatever its columns are called. Made once for each: OFFSET keeps the subquery apart. */
function badRecords(values: readonly string[]): string {
  return `
    select s.${ident(ORDINAL_COLUMN)} as ordinal, b.code, b.column_name, b.constraint_name, b.reason,
           (select pg_catalog.row_to_json(kept.*) from (select ${values.join(', ')}) kept) as record
    from ${BAD_ROWS} b join ${TEXT_ROWS} s on s.${N} = b.${N} offset 0
  `;
}
