import type { TaskState } from '../../core/task-state.ts';
import type { Statement } from '../statement.ts';

/** A caller's own name for a task into a table; the role that gives it is the one that is connected. */
export interface TaskKey {
  /** Target, as `schema.table`. */
  readonly pgTable: string;
  readonly key: string;
}

/** The task of a key. Its own columns are null where it is not a task into this table. */
export interface KeyRow {
  readonly process_id: string;
  readonly status: TaskState | null;
  readonly settings: Record<string, unknown> | null;
  readonly last_ordinal: number | null;
  readonly source_position: unknown;
}

const ofKey = `k.owner_role operator(pg_catalog.=) current_user::pg_catalog.text
  and k.pg_table operator(pg_catalog.=) $1 and k.key operator(pg_catalog.=) $2`;

export const readKey = ({ pgTable, key }: TaskKey): Statement => ({
  name: 'readKey',
  text: `select k.process_id, c.status, t.settings, t.last_ordinal, t.source_position
from relyt_sys.relyt_loader_key k
left join relyt_sys.relyt_loader_task t
  on t.process_id operator(pg_catalog.=) k.process_id and t.pg_table operator(pg_catalog.=) k.pg_table
left join relyt_sys.relyt_loader_checkpoint c on c.process_id operator(pg_catalog.=) t.process_id
where ${ofKey}`,
  values: [pgTable, key],
});

/** Gives a key that no task has. Fails with 23505 when another process was faster, after it has committed. */
export const insertKey = ({ pgTable, key }: TaskKey, processId: string): Statement => ({
  name: 'insertKey',
  text: `insert into relyt_sys.relyt_loader_key (owner_role, pg_table, key, process_id, created_at)
select current_user::pg_catalog.text, $1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.text, pg_catalog.now()
where not exists (
  select 1 from relyt_sys.relyt_loader_key k where ${ofKey} and k.process_id operator(pg_catalog.=) $3
)`,
  values: [pgTable, key, processId],
});

/** Gives the key of a task that is over to another one; no row when it has another task by now. */
export const passKey = (
  { pgTable, key }: TaskKey,
  processId: string,
  before: string,
): Statement => ({
  name: 'passKey',
  text: `update relyt_sys.relyt_loader_key k set process_id = $3::pg_catalog.text, created_at = pg_catalog.now()
where ${ofKey} and (k.process_id operator(pg_catalog.=) $4 or k.process_id operator(pg_catalog.=) $3::pg_catalog.text)`,
  values: [pgTable, key, processId, before],
});
