/** What `relyt init` made, as the catalogue has it, and what the bookkeeping still holds. Nothing here runs code of ours. */

import { ROUTING_SUFFIX, VIEW_SUFFIX } from '../../core/routing-suffixes.ts';
import { literal, type Statement } from '../statement.ts';

const HOME = `(select n.oid from pg_catalog.pg_namespace n where n.nspname = 'relyt_sys')`;

/** An object that stands in relyt_sys, or that belongs to what does. */
export interface FoundObjectRow {
  readonly kind: 'view' | 'table' | 'function' | 'server' | 'extension' | 'schema' | 'other';
  /** Quoted as SQL, with the arguments of a function; of another's object with its kind in front. */
  readonly name: string;
  readonly owner: string;
  /** This role may drop it. */
  readonly mine: boolean;
}

const OURS = `case
    when d.classid = 'pg_catalog.pg_class'::regclass and c.relkind in ('r', 'p')
      and c.relname ~ '^relyt_loader_|^sdk_loader_config$|${ROUTING_SUFFIX}$' then 'table'
    when d.classid = 'pg_catalog.pg_proc'::regclass
      and (f.proname ~ '^relyt_loader_' or lower(f.proname) = 'loader_config' and f.pronargs = 0) then 'function'
    else 'other' end`;

/** Everything in the schema, ours by name and kind, others' by exclusion. Indexes and row types go with their tables. */
const CONTENTS = `select ${OURS} as kind,
  case when ${OURS} = 'other' then o.type || ' ' else '' end || o.identity as name,
  coalesce(c.relowner, f.proowner, (select n.nspowner from pg_catalog.pg_namespace n where n.oid = ${HOME})) as owner
from pg_catalog.pg_depend d
cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, 0) o
left join pg_catalog.pg_class c on d.classid = 'pg_catalog.pg_class'::regclass and c.oid = d.objid
left join pg_catalog.pg_proc f on d.classid = 'pg_catalog.pg_proc'::regclass and f.oid = d.objid
where d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = ${HOME} and d.deptype = 'n'`;

/** Views over routed tables: of the main table's name and owner, and reading its routing table. */
const VIEWS = `select 'view', (pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, v.oid, 0)).identity, v.relowner
from pg_catalog.pg_class v
join pg_catalog.pg_class m on m.relnamespace = v.relnamespace and m.relkind in ('r', 'p')
  and m.relowner = v.relowner and v.relname::text = m.relname || ${literal(VIEW_SUFFIX)}
where v.relkind = 'v' and exists (
  select 1 from pg_catalog.pg_rewrite w
  join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
  join pg_catalog.pg_class r on d.refclassid = 'pg_catalog.pg_class'::regclass and r.oid = d.refobjid
  where w.ev_class = v.oid and r.relnamespace = ${HOME} and r.relname::text = m.relname || ${literal(ROUTING_SUFFIX)})`;

/**
 * The extension counts as ours only where the transaction that made our server made it, too: both rows then have one
 * xmin. After a restored dump or an update of the extension that is not known, and it stays.
 */
const FILES = `select 'server', pg_catalog.quote_ident(s.srvname), s.srvowner
from pg_catalog.pg_foreign_server s join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw
where s.srvname = 'relyt_loader_files' and w.fdwname = 'file_fdw'
union all
select 'extension', 'file_fdw', e.extowner
from pg_catalog.pg_extension e
join pg_catalog.pg_foreign_server s on s.srvname = 'relyt_loader_files' and s.xmin::text = e.xmin::text
where e.extname = 'file_fdw' and not exists (
  select 1 from pg_catalog.pg_foreign_server o join pg_catalog.pg_foreign_data_wrapper w on w.oid = o.srvfdw
  where w.fdwname = 'file_fdw' and o.oid <> s.oid)`;

/** In the order in which they can be dropped. */
export const installedObjects = (): Statement => ({
  name: 'installedObjects',
  text: `select o.kind, o.name, r.rolname::text as owner,
  pg_catalog.pg_has_role(o.owner, 'usage')
    or o.kind in ('table', 'function') and pg_catalog.pg_has_role(
      (select n.nspowner from pg_catalog.pg_namespace n where n.oid = ${HOME}), 'usage') as mine
from (
  ${VIEWS}
  union all
  ${CONTENTS}
  union all
  ${FILES}
  union all
  select 'schema', 'relyt_sys', n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'relyt_sys'
) o (kind, name, owner)
join pg_catalog.pg_roles r on r.oid = o.owner
order by case o.kind when 'view' then 1 when 'table' then 2 when 'function' then 3 when 'server' then 4
  when 'extension' then 5 when 'schema' then 6 else 0 end, o.name`,
});

/** Whether file_fdw is there at all: where it stays, that is said. */
export const hasFileWrapper = (): Statement => ({
  name: 'hasFileWrapper',
  text: `select exists (select 1 from pg_catalog.pg_extension where extname = 'file_fdw') as found`,
});

/** Every row counts, whosever it is: a policy that would hide one makes the statement fail. */
export const COUNT_ALL: readonly Statement[] = [
  {
    name: 'countAll',
    // Greenplum 6 has no such setting, and no policies.
    text: `select pg_catalog.set_config(s.name, 'off', true) from pg_catalog.pg_settings s where s.name = 'row_security'`,
  },
  { name: 'waitShort', text: `set local lock_timeout = '10s'` },
];

/** A task that has not come to its end. */
export interface HeldTaskRow {
  readonly process_id: string;
  readonly pg_table: string;
  readonly is_foreign: boolean;
  /** Its process may work on it now; null for another SDK's, of which that is not known. */
  readonly lease_held: boolean | null;
  /** Staged files that wait for their import, and the records in them. */
  readonly files: number;
  readonly records: number;
}

export const heldTasks = (ended: readonly string[]): Statement => ({
  name: 'heldTasks',
  text: `select c.process_id, c.pg_table, t.process_id is null as is_foreign,
  upper(c.status) = 'RUNNING' and t.heartbeat_at > now() - t.lease_seconds * interval '1 second' as lease_held,
  coalesce(w.files, 0)::int8 as files, coalesce(w.records, 0)::int8 as records
from relyt_sys.relyt_loader_checkpoint c
left join relyt_sys.relyt_loader_task t on t.process_id = c.process_id
left join (
  select f.process_id, count(*) as files, sum(f.num_records) as records
  from relyt_sys.relyt_loader_file f where f.frozen_at is not null and f.status <> 'IMPORTED' group by f.process_id
) w on w.process_id = c.process_id
where upper(c.status) <> all($1::text[])
order by c.start_time, c.process_id`,
  values: [ended],
});

/** The same where the Go SDK's checkpoint table is all there is. */
export const heldForeignTasks = (ended: readonly string[]): Statement => ({
  name: 'heldForeignTasks',
  text: `select c.process_id, c.pg_table, true as is_foreign, null::boolean as lease_held, 0::int8 as files, 0::int8 as records
from relyt_sys.relyt_loader_checkpoint c where upper(c.status) <> all($1::text[]) order by c.start_time, c.process_id`,
  values: [ended],
});

/** What goes with the bookkeeping, in numbers. */
export interface HeldRecordsRow {
  readonly rejected: number;
  /** Tasks that have rejected records; one of them. */
  readonly rejecting_tasks: number;
  readonly rejecting_task: string | null;
  readonly uses_s3: boolean;
  /** Imported files that `cleanup: 'never'` keeps in S3. */
  readonly kept_files: number;
}

export const heldRecords = (): Statement => ({
  name: 'heldRecords',
  text: `select r.rejected, r.tasks as rejecting_tasks, r.task as rejecting_task, f.uses_s3, f.kept as kept_files
from (select count(*) as rejected, count(distinct process_id) as tasks, min(process_id) as task
      from relyt_sys.relyt_loader_reject) r,
     (select coalesce(bool_or(s3_bucket <> ''), false) as uses_s3,
             count(*) filter (where f.status = 'IMPORTED' and s3_bucket <> '' and t.settings ->> 'cleanup' = 'never') as kept
      from relyt_sys.relyt_loader_file f left join relyt_sys.relyt_loader_task t on t.process_id = f.process_id) f`,
});

export interface RoutedGroupsRow {
  readonly schema: string;
  readonly name: string;
  /** Of the routing table, quoted as SQL. */
  readonly routing: string;
}

/** Main tables with a routing table. The name of a routing table has no schema: the one with an auxiliary table is meant. */
export const routedMainTables = (auxiliarySuffix: string): Statement => ({
  name: 'routedMainTables',
  text: `select n.nspname::text as schema, m.relname::text as name, 'relyt_sys.' || pg_catalog.quote_ident(r.relname) as routing
from pg_catalog.pg_class r
join pg_catalog.pg_class m on m.relname::text || ${literal(ROUTING_SUFFIX)} = r.relname::text and m.relkind in ('r', 'p')
join pg_catalog.pg_class a on a.relnamespace = m.relnamespace and a.relname::text = m.relname::text || $1
join pg_catalog.pg_namespace n on n.oid = m.relnamespace
where r.relnamespace = ${HOME} and r.relkind in ('r', 'p') order by 1, 2`,
  values: [auxiliarySuffix],
});

export const groupsIn = (routing: string): Statement => ({
  name: 'groupsIn',
  text: `select count(*) as groups from ${routing}`,
});

/** Main tables with groups on their way, as `schema.table`. */
export const tablesWithMoves = (): Statement => ({
  name: 'tablesWithMoves',
  text: 'select distinct main_table from relyt_sys.relyt_loader_move order by 1',
});
