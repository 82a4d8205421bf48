import type { Statement } from '../statement.ts';

export interface NewTask {
  readonly processId: string;
  readonly pgTable: string;
  readonly engine: string;
  readonly owner: string;
  readonly settings: object;
  readonly sdkVersion: string;
}

export type TaskStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export const insertCheckpoint = (task: NewTask): Statement => ({
  text: `insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time)
values ($1, $2, 'RUNNING', now())`,
  values: [task.processId, task.pgTable],
});

export const insertTask = (task: NewTask): Statement => ({
  text: `insert into relyt_sys.relyt_loader_task
  (process_id, pg_table, engine, epoch, owner, heartbeat_at, settings, sdk_version, created_at)
values ($1, $2, $3, 1, $4, now(), $5::jsonb, $6, now())`,
  values: [
    task.processId,
    task.pgTable,
    task.engine,
    task.owner,
    JSON.stringify(task.settings),
    task.sdkVersion,
  ],
});

/**
 * Rebuilds the task's summary from the file rows, in the shape users of the Go SDK query.
 * Its cost grows with the number of files: the caller limits how often it runs.
 */
export const refreshCheckpoint = (processId: string): Statement => ({
  text: `update relyt_sys.relyt_loader_checkpoint c
set files_total = s.files_total, files_imported = s.files_imported, file_details = s.file_details,
    last_insert_time = s.last_insert_time, error_records = r.error_records
from (
  select count(*)::int as files_total,
         (count(*) filter (where f.status = 'IMPORTED'))::int as files_imported,
         max(f.imported_at) as last_insert_time,
         coalesce(json_agg(json_build_object(
           'file_id', f.file_id::text,
           's3_key', f.s3_key,
           's3_url', f.s3_url,
           'status', f.status,
           'num_records', f.num_records,
           'created_at', to_char(f.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'frozen_at', to_char(f.frozen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'imported_at', to_char(f.imported_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           'error_reason', f.error,
           'metadata', json_build_object('num_bytes', f.num_bytes, 'stored_bytes', f.stored_bytes,
             'attempts', f.attempts, 'import_id', f.import_id)
         ) order by f.file_id), '[]'::json)::jsonb as file_details
  from relyt_sys.relyt_loader_file f where f.process_id = $1
) s, (
  select count(*)::int as error_records from relyt_sys.relyt_loader_reject where process_id = $1
) r
where c.process_id = $1`,
  values: [processId],
});

export const setTaskStatus = (
  processId: string,
  status: TaskStatus,
  errorMessage: string | null,
): Statement => ({
  text: `update relyt_sys.relyt_loader_checkpoint set status = $2, error_message = $3 where process_id = $1`,
  values: [processId, status, errorMessage],
});

/**
 * Holds the task's epoch until the end of the transaction: no row when another process took the task over,
 * and a take-over waits until this transaction has ended (G6).
 */
export const holdEpoch = (processId: string, epoch: number): Statement => ({
  text: 'select 1 from relyt_sys.relyt_loader_task where process_id = $1 and epoch = $2 for share',
  values: [processId, epoch],
});

/** Part of freezing a generation; also the epoch check of that transaction. */
export const advanceTask = (advance: {
  readonly processId: string;
  readonly epoch: number;
  readonly lastOrdinal: number;
  readonly position: unknown;
}): Statement => ({
  text: `update relyt_sys.relyt_loader_task
set last_ordinal = $3, source_position = coalesce($4::jsonb, source_position), heartbeat_at = now()
where process_id = $1 and epoch = $2`,
  values: [
    advance.processId,
    advance.epoch,
    advance.lastOrdinal,
    advance.position === undefined ? null : JSON.stringify(advance.position),
  ],
});
