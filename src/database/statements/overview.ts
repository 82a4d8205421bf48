import type { Statement } from '../statement.ts';
import { holderConnections } from './presence.ts';

export interface OverviewFilter {
  readonly processId?: string | undefined;
  readonly status?: string | undefined;
  /** `schema.table`, unquoted. */
  readonly table?: string | undefined;
  /** Tasks that come after this one in the list. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A task as the lists show it; times are UTC in ISO 8601. */
export interface OverviewRow {
  readonly process_id: string;
  readonly key: string | null;
  readonly pg_table: string;
  readonly status: string;
  readonly started_at: string;
  readonly last_insert_at: string | null;
  readonly error_message: string | null;
  /** Without a row of ours: a task of another SDK, known by its checkpoint row only. */
  readonly is_foreign: boolean;
  readonly owner: string | null;
  readonly lease_left_seconds: number | null;
  /** The name its connections should have, and how many of it there are; null where they cannot be seen. */
  readonly holder_name: string | null;
  readonly holder_connections: number | null;
  readonly files_total: number;
  readonly files_imported: number;
  /** Null for a foreign task: its checkpoint row does not tell. */
  readonly records_imported: number | null;
  readonly rejected: number;
}

/** SQL for a time in UTC, ISO 8601. */
export const utc = (time: string) =>
  `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const CHOSEN = `from relyt_sys.relyt_loader_checkpoint c
  where ($1::text is null or c.process_id = $1) and ($2::text is null or upper(c.status) = upper($2))
    and ($3::text is null or c.pg_table = $3)
    and ($5::text is null or exists (
      select 1 from relyt_sys.relyt_loader_checkpoint p where p.process_id = $5
        and (c.start_time < p.start_time or (c.start_time = p.start_time and c.process_id > p.process_id))))
  order by c.start_time desc, c.process_id
  limit $4`;

const filterValues = ({ processId, status, table, limit, after }: OverviewFilter) => [
  processId ?? null,
  status ?? null,
  table ?? null,
  limit,
  after ?? null,
];

/**
 * Newest tasks first. Counts come from the rows of files, imports and rejections, which are exact; the summary in
 * the checkpoint row lags while a task runs, and for good when its process died.
 */
export const listOverviews = (filter: OverviewFilter): Statement => ({
  name: 'listOverviews',
  text: `with chosen as (
  select c.* ${CHOSEN}
), files as (
  select process_id, count(*) as total, count(*) filter (where status = 'IMPORTED') as imported,
         max(imported_at) as last_import
  from relyt_sys.relyt_loader_file where process_id in (select process_id from chosen) group by process_id
), imports as (
  select process_id, sum(num_records - rows_rejected)::int8 as records
  from relyt_sys.relyt_loader_import where process_id in (select process_id from chosen) group by process_id
), rejects as (
  select process_id, count(*) as rejected
  from relyt_sys.relyt_loader_reject where process_id in (select process_id from chosen) group by process_id
), keys as (
  select process_id, pg_catalog.min(key) as key
  from relyt_sys.relyt_loader_key where process_id in (select process_id from chosen) group by process_id
)
select c.process_id, keys.key, c.pg_table, upper(c.status) as status, c.error_message,
       ${utc('c.start_time')} as started_at,
       ${utc('coalesce(files.last_import, c.last_insert_time)')} as last_insert_at,
       t.process_id is null as is_foreign, t.owner, t.holder_name,
       ${holderConnections('t')} as holder_connections,
       (t.lease_seconds - extract(epoch from now() - t.heartbeat_at))::float8 as lease_left_seconds,
       case when t.process_id is null then c.files_total else coalesce(files.total, 0) end::int8 as files_total,
       case when t.process_id is null then c.files_imported else coalesce(files.imported, 0) end::int8 as files_imported,
       case when t.process_id is null then null else coalesce(imports.records, 0) end as records_imported,
       case when t.process_id is null then c.error_records else coalesce(rejects.rejected, 0) end::int8 as rejected
from chosen c
left join relyt_sys.relyt_loader_task t on t.process_id = c.process_id
left join files on files.process_id = c.process_id
left join imports on imports.process_id = c.process_id
left join rejects on rejects.process_id = c.process_id
left join keys on keys.process_id = c.process_id
order by c.start_time desc, c.process_id`,
  values: filterValues(filter),
});

/** The same where only the checkpoint table of the Go SDK is installed. */
export const listForeignOverviews = (filter: OverviewFilter): Statement => ({
  name: 'listForeignOverviews',
  text: `select c.process_id, null::text as key, c.pg_table, upper(c.status) as status, c.error_message,
       ${utc('c.start_time')} as started_at, ${utc('c.last_insert_time')} as last_insert_at,
       true as is_foreign, null::text as owner, null::text as holder_name,
       null::int4 as holder_connections, null::float8 as lease_left_seconds,
       c.files_total::int8 as files_total, c.files_imported::int8 as files_imported,
       null::int8 as records_imported, c.error_records::int8 as rejected
${CHOSEN}`,
  values: filterValues(filter),
});
