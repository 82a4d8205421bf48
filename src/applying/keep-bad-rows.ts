import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { ident, type Statement } from '../database/statement.ts';
import type { InsertPlan } from './plan.ts';
import { BAD_ROWS, N, TEXT_ROWS } from './text-rows.ts';

/** Keeps the bad rows as rejected records, and returns them. `kept.*` is the row, whatever its columns are called. */
export const keepBadRows = (
  { columns }: InsertPlan,
  processId: string,
  fileIds: readonly number[],
): Statement => ({
  name: 'keepBadRows',
  text: `insert into relyt_sys.relyt_loader_reject
  (process_id, record_ordinal, file_id, source_position, stage, code, column_name, constraint_name, reason, record, created_at, owner_role)
select $1, s.${ident(ORDINAL_COLUMN)}, f.file_id, f.source_position, 'import', b.code, b.column_name, b.constraint_name, b.reason,
       (select pg_catalog.row_to_json(kept.*) from (select ${columns.map(({ name }) => `s.${ident(name)}`).join(', ')}) kept), now(), t.owner_role
from ${BAD_ROWS} b
join ${TEXT_ROWS} s on s.${N} = b.${N}
join relyt_sys.relyt_loader_task t on t.process_id = $1
left join relyt_sys.relyt_loader_file f on f.process_id = $1 and f.file_id = any($2::int8[])
  and s.${ident(ORDINAL_COLUMN)} between f.first_ordinal and f.last_ordinal
returning record_ordinal as ordinal, code, column_name as "column", constraint_name as "constraint", reason`,
  values: [processId, fileIds],
});
