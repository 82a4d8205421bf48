import type { Writer } from '../../core/writer.ts';
import type { Statement } from '../statement.ts';
import { utc } from './overview.ts';

/** Gives up every file that is not imported. The caller holds the task's epoch (`holdEpoch`). */
export const cancelFiles = (writer: Writer, error: string): Statement => ({
  name: 'cancelFiles',
  text: `update relyt_sys.relyt_loader_file set status = 'ERROR', error = $2
where process_id = $1 and status <> 'IMPORTED'`,
  values: [writer.processId, error],
});

export interface GarbageTaskRow {
  readonly status: string;
  readonly is_foreign: boolean;
  readonly cleanup: string | null;
}

/** No row for a task that is not known, and none for one that this role cannot see. */
export const readGarbageTask = (processId: string): Statement => ({
  name: 'readGarbageTask',
  text: `select upper(c.status) as status, t.process_id is null as is_foreign, t.settings ->> 'cleanup' as cleanup
from relyt_sys.relyt_loader_checkpoint c
left join relyt_sys.relyt_loader_task t on t.process_id = c.process_id
where c.process_id = $1`,
  values: [processId],
});

/** Whether there is a task of this id, even one that this role cannot see. */
export const taskExists = (processId: string): Statement => ({
  name: 'taskExists',
  text: 'select relyt_sys.relyt_loader_task_exists($1) as found',
  values: [processId],
});

export interface NeededFileRow {
  readonly process_id: string;
  readonly file_id: number;
  readonly s3_key: string;
  readonly stored_bytes: number;
  readonly etag: string | null;
  readonly crc32: number | null;
}

const LAPSED = `t.heartbeat_at < now() - t.lease_seconds * interval '1 second'`;

/**
 * Frozen files that a resume would import, of tasks that no process works on. Only those in this place: about another
 * bucket the caller can say nothing.
 */
export const neededFiles = (s3Location: string): Statement => ({
  name: 'neededFiles',
  text: `select f.process_id, f.file_id, f.s3_key, f.stored_bytes, f.etag, f.crc32
from relyt_sys.relyt_loader_file f
join relyt_sys.relyt_loader_checkpoint c on c.process_id = f.process_id
join relyt_sys.relyt_loader_task t on t.process_id = f.process_id
where f.status <> 'IMPORTED' and f.frozen_at is not null and t.settings ->> 's3Location' = $1
  and (c.status = 'FAILED' or c.status = 'RUNNING' and ${LAPSED})
order by f.process_id, f.file_id`,
  values: [s3Location],
});

export interface DeadTaskRow {
  readonly process_id: string;
  readonly pg_table: string;
  readonly owner: string;
  readonly heartbeat_at: string;
}

/** Tasks whose process gave no sign of life for longer than its lease. */
export const deadTasks = (): Statement => ({
  name: 'deadTasks',
  text: `select t.process_id, t.pg_table, t.owner, ${utc('t.heartbeat_at')} as heartbeat_at
from relyt_sys.relyt_loader_task t
join relyt_sys.relyt_loader_checkpoint c on c.process_id = t.process_id
where c.status = 'RUNNING' and ${LAPSED}
order by t.heartbeat_at`,
});

/** External tables of ours that can be seen: each lives inside one transaction, so there should be none. */
export const leftExternalTables = (): Statement => ({
  name: 'leftExternalTables',
  text: `select n.nspname || '.' || c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relname = 'relyt_loader_external' and c.relkind = 'f' order by 1`,
});
