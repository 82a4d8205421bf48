import type { Statement } from '../statement.ts';
import { utc } from './overview.ts';

/** What a task's own row adds to the overview. */
export interface TaskDetailsRow {
  readonly engine: string;
  readonly sdk_version: string;
  readonly epoch: number;
  readonly lease_seconds: number;
  readonly heartbeat_at: string;
  readonly lease_left_seconds: number;
  readonly settings: Record<string, unknown>;
  readonly staged_columns: string[] | null;
  /** Of its frozen files, with their columns; null is CSV of an older version. */
  readonly layouts: { readonly layout: string | null; readonly columns: string[] | null }[];
  readonly last_ordinal: number;
  readonly source_position: unknown;
  readonly replay_after: number | null;
  readonly owner_role: string;
  readonly is_others: boolean;
}

export const readTaskDetails = (processId: string): Statement => ({
  name: 'readTaskDetails',
  text: `select engine, sdk_version, epoch, lease_seconds, ${utc('heartbeat_at')} as heartbeat_at,
       (lease_seconds - extract(epoch from now() - heartbeat_at))::float8 as lease_left_seconds,
       settings, staged_columns, last_ordinal, source_position, replay_after,
       coalesce((
         select json_agg(json_build_object('layout', l.layout, 'columns', l.columns) order by l.first_file)
         from (
           select f.layout, f.staged_columns as columns, min(f.file_id) as first_file
           from relyt_sys.relyt_loader_file f
           where f.process_id = $1 and f.frozen_at is not null group by f.layout, f.staged_columns
         ) l
       ), '[]') as layouts,
       owner_role::text as owner_role, owner_role <> current_user::text as is_others
from relyt_sys.relyt_loader_task where process_id = $1`,
  values: [processId],
});

export interface FileCountRow {
  readonly status: string;
  readonly files: number;
  readonly records: number;
  /** Of rows, and as stored in S3; null for tasks that do not tell. */
  readonly encoded_bytes: number | null;
  readonly stored_bytes: number | null;
}

export const countFiles = (processId: string): Statement => ({
  name: 'countFiles',
  text: `select status, count(*) as files, sum(num_records)::int8 as records,
       sum(num_bytes)::int8 as encoded_bytes, sum(stored_bytes)::int8 as stored_bytes
from relyt_sys.relyt_loader_file where process_id = $1 group by status order by status`,
  values: [processId],
});

/** From the summary in the checkpoint row: all there is of a task of the Go SDK. */
export const countForeignFiles = (processId: string): Statement => ({
  name: 'countForeignFiles',
  text: `select coalesce(f.file ->> 'status', 'UNKNOWN') as status, count(*) as files,
       coalesce(sum((f.file ->> 'num_records')::int8), 0)::int8 as records,
       null::int8 as encoded_bytes, null::int8 as stored_bytes
from relyt_sys.relyt_loader_checkpoint c, jsonb_array_elements(c.file_details) as f (file)
where c.process_id = $1 and jsonb_typeof(c.file_details) = 'array'
group by 1 order by 1`,
  values: [processId],
});

export interface ImportTotalsRow {
  readonly imports: number;
  readonly records: number;
  readonly inserted: number;
  readonly updated: number;
  readonly skipped: number;
  readonly superseded: number;
  readonly rejected: number;
}

export const sumImports = (processId: string): Statement => ({
  name: 'sumImports',
  text: `select count(*) as imports, coalesce(sum(num_records), 0)::int8 as records,
       coalesce(sum(rows_inserted), 0)::int8 as inserted, coalesce(sum(rows_updated), 0)::int8 as updated,
       coalesce(sum(rows_skipped), 0)::int8 as skipped, coalesce(sum(rows_superseded), 0)::int8 as superseded,
       coalesce(sum(rows_rejected), 0)::int8 as rejected
from relyt_sys.relyt_loader_import where process_id = $1`,
  values: [processId],
});

/** The first files that could not be imported, with the reason. */
export const failedFiles = (processId: string, limit: number): Statement => ({
  name: 'failedFiles',
  text: `select file_id, s3_key, error from relyt_sys.relyt_loader_file
where process_id = $1 and status = 'ERROR' order by file_id limit $2`,
  values: [processId, limit],
});

/** The table a task's `pg_table` means; names may hold dots, so it is found by comparing and not by cutting. */
export const findTable = (pgTable: string): Statement => ({
  name: 'findTable',
  text: `select n.nspname::text as schema, c.relname::text as "table"
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname || '.' || c.relname = $1 and c.relkind in ('r', 'p')`,
  values: [pgTable],
});
