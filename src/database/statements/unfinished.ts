import { taskStatesBefore } from '../../core/task-state.ts';
import type { Statement } from '../statement.ts';

/** A task that has not ended well, nor was given up. */
export interface UnfinishedRow {
  readonly process_id: string;
  readonly status: string;
  readonly settings: Record<string, unknown>;
  readonly last_ordinal: number;
  readonly source_position: unknown;
}

/** Those of this role that load a file into the table, the newest first. Which file, only their restored settings tell. */
export const unfinishedLoads = (pgTable: string): Statement => ({
  name: 'unfinishedLoads',
  text: `select t.process_id, c.status, t.settings, t.last_ordinal, t.source_position
from relyt_sys.relyt_loader_task t
join relyt_sys.relyt_loader_checkpoint c on c.process_id operator(pg_catalog.=) t.process_id
where t.owner_role operator(pg_catalog.=) current_user and t.pg_table operator(pg_catalog.=) $1
  and c.status operator(pg_catalog.=) any ($2::pg_catalog.text[])
  and (t.settings operator(pg_catalog.->) 'source') operator(pg_catalog.->>) 'kind' operator(pg_catalog.=) 'file'
order by t.created_at desc, t.process_id`,
  values: [pgTable, taskStatesBefore('resume')],
});
