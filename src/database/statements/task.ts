import type { Frozen } from '../../core/committed.ts';
import { redact } from '../../core/redaction.ts';
import { type TaskState, taskStatesBefore } from '../../core/task-state.ts';
import type { Writer } from '../../core/writer.ts';
import type { Statement } from '../statement.ts';
import { isWriters } from './file.ts';
import { hasImports } from './import.ts';

export interface NewTask {
  readonly processId: string;
  readonly pgTable: string;
  readonly engine: string;
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly settings: object;
  readonly sdkVersion: string;
}

const EVENT_OF = {
  COMPLETED: 'complete',
  FAILED: 'fail',
  CANCELLED: 'cancel',
  RUNNING: 'resume',
} as const;

export const insertCheckpoint = (task: NewTask): Statement => ({
  name: 'insertCheckpoint',
  text: `insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time)
select $1, $2, 'RUNNING', now()
where not exists (select 1 from relyt_sys.relyt_loader_checkpoint c where c.process_id = $1)`,
  values: [task.processId, task.pgTable],
});

export const insertTask = (task: NewTask): Statement => ({
  name: 'insertTask',
  text: `insert into relyt_sys.relyt_loader_task
  (process_id, pg_table, engine, epoch, owner, heartbeat_at, lease_seconds, settings, sdk_version, frozen_files, created_at)
select $1, $2, $3, 1, $4, now(), $5::int, $6::jsonb, $7, 0, now()
where not exists (select 1 from relyt_sys.relyt_loader_task t where t.process_id = $1)`,
  values: [
    task.processId,
    task.pgTable,
    task.engine,
    task.owner,
    task.leaseSeconds,
    JSON.stringify(task.settings),
    task.sdkVersion,
  ],
});

/** The settings that a later resume compares with, as JSON. */
export const storeSettings = (
  { processId, epoch, owner }: Writer,
  settings: string,
): Statement => ({
  name: 'storeSettings',
  text: `update relyt_sys.relyt_loader_task set settings = $4::jsonb
where process_id = $1 and epoch = $2 and owner = $3`,
  values: [processId, epoch, owner, settings],
});

/**
 * Rebuilds the task's summary from the file rows, in the shape users of the Go SDK query.
 * Its cost grows with the number of files: the caller limits how often it runs.
 */
export const refreshCheckpoint = (processId: string): Statement => ({
  name: 'refreshCheckpoint',
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

/** Ends the task; no row when it has ended already or another process took it over. */
export const setTaskStatus = (
  writer: Writer,
  status: TaskState,
  errorMessage: string | null,
): Statement => ({
  name: 'setTaskStatus',
  text: `update relyt_sys.relyt_loader_checkpoint c set status = $4, error_message = $5
where c.process_id = $1 and c.status = any($6::text[]) and ${isWriters}`,
  values: [
    writer.processId,
    writer.epoch,
    writer.owner,
    status,
    errorMessage === null ? null : redact(errorMessage),
    taskStatesBefore(EVENT_OF[status]),
  ],
});

/**
 * Holds the task's epoch until the end of the transaction: no row when another process took the task over,
 * and a take-over waits until this transaction has ended (G6).
 */
export const holdEpoch = (writer: Writer): Statement => ({
  name: 'holdEpoch',
  text: 'select 1 from relyt_sys.relyt_loader_task where process_id = $1 and epoch = $2 and owner = $3 for share',
  values: [writer.processId, writer.epoch, writer.owner],
});

/** How a task was begun. */
export const engineOfTask = (processId: string): Statement => ({
  name: 'engineOfTask',
  text: 'select engine from relyt_sys.relyt_loader_task where process_id = $1',
  values: [processId],
});

/** Who has the task; no row where the database knows nothing of it. */
export const readHolder = (processId: string): Statement => ({
  name: 'readHolder',
  text: 'select epoch, owner from relyt_sys.relyt_loader_task where process_id = $1',
  values: [processId],
});

/**
 * Part of freezing a generation; also the check of that transaction: no row when another process took the task over, or
 * when the database has lost a generation or an import that is known to be committed (G1). After a lost answer it finds
 * its own doing.
 */
export const advanceTask = (
  writer: Writer,
  advance: {
    /** What is known to be frozen. */
    readonly from: Frozen;
    /** What is frozen with this generation. */
    readonly to: Frozen;
    /** Imports known to be committed. */
    readonly imports: readonly number[];
    readonly position: unknown;
    readonly replayAfter: number | null;
    /** In the order of the staged fields. */
    readonly columns: readonly { readonly name: string; readonly sqlType: string }[];
  },
): Statement => ({
  name: 'advanceTask',
  text: `update relyt_sys.relyt_loader_task
set last_ordinal = $4, frozen_files = $5, source_position = coalesce($6::jsonb, source_position),
    staged_columns = $7::text[], staged_types = $8::text[], replay_after = $12::int8, replay_epoch = epoch,
    heartbeat_at = clock_timestamp()
where process_id = $1 and epoch = $2 and owner = $3
  and (last_ordinal = $9 and frozen_files = $10 or last_ordinal = $4 and frozen_files = $5)
  and ${hasImports('$11')}`,
  values: [
    writer.processId,
    writer.epoch,
    writer.owner,
    advance.to.lastOrdinal,
    advance.to.files,
    advance.position === undefined ? null : JSON.stringify(advance.position),
    advance.columns.map((column) => column.name),
    advance.columns.map((column) => column.sqlType),
    advance.from.lastOrdinal,
    advance.from.files,
    advance.imports,
    advance.replayAfter,
  ],
});
