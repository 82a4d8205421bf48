import { type TaskState, taskStatesBefore } from '../../core/task-state.ts';
import type { Holder, Writer } from '../../core/writer.ts';
import type { Statement } from '../statement.ts';
import { holderConnections } from './presence.ts';

export interface LeaseOwner {
  readonly processId: string;
  readonly owner: string;
  readonly leaseSeconds: number;
  /** Also from a holder that is alive. */
  readonly force: boolean;
  /** The last sign of life of a holder that has left the database since; null when it has not. */
  readonly goneSince: string | null;
}

/** A task as a resume finds it. */
export interface TaskRow {
  readonly status: TaskState;
  readonly epoch: number;
  readonly owner: string;
  readonly pg_table: string;
  readonly engine: string;
  readonly settings: Record<string, unknown>;
  readonly staged_columns: string[] | null;
  readonly staged_types: string[] | null;
  readonly last_ordinal: number;
  readonly source_position: unknown;
  /** Ordinal of the last record before that position; null when it is `last_ordinal`. */
  readonly replay_after: number | null;
  readonly lease_left_seconds: number;
  /** As text, with all its digits. */
  readonly heartbeat: string;
  /** The name its connections should have, and how many of it there are; null where they cannot be seen. */
  readonly holder_name: string | null;
  readonly holder_connections: number | null;
  readonly error_message: string | null;
  readonly created_day: string;
  /** The role that created the task. */
  readonly owner_role: string;
  readonly is_others: boolean;
}

const beat = (task: string) =>
  `pg_catalog.to_char(pg_catalog.timezone('UTC', ${task}.heartbeat_at), 'YYYY-MM-DD HH24:MI:SS.US')`;

export const readTask = (processId: string): Statement => ({
  name: 'readTask',
  text: `select c.status, c.error_message, t.epoch, t.owner, t.owner_role::text as owner_role, t.owner_role <> current_user::text as is_others, t.pg_table, t.engine, t.settings, t.staged_columns, t.staged_types, t.last_ordinal, t.source_position, t.replay_after,
       (t.lease_seconds - extract(epoch from now() - t.heartbeat_at))::float8 as lease_left_seconds,
       ${beat('t')} as heartbeat, t.holder_name,
       ${holderConnections('t')} as holder_connections,
       to_char(t.created_at at time zone 'UTC', 'YYYY-MM-DD') as created_day
from relyt_sys.relyt_loader_task t
join relyt_sys.relyt_loader_checkpoint c on c.process_id = t.process_id
where t.process_id = $1`,
  values: [processId],
});

/** How a resume will write a table. */
export interface WrittenTable {
  readonly schema: string;
  readonly name: string;
  /** Columns of rows that are there; empty for a table whose rows are only added. */
  readonly updates: readonly string[];
}

/**
 * Whether the role that created a task may itself write the table so, and no policy holds it back. What it staged is
 * written with the rights of the role that resumes the task, and these may be more (G7). Older servers have no policies.
 */
export const ownerMayWrite = (
  ownerRole: string,
  { schema, name, updates }: WrittenTable,
): Statement => ({
  name: 'ownerMayWrite',
  text: `select $1::text = current_user::text or exists (
  select 1
  from pg_catalog.pg_roles r
  cross join pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where r.rolname::text = $1::text and n.nspname = $2 and c.relname = $3
    and pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT')
    and not exists (
      select 1 from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and a.attname::text = any($4::text[])
        and not pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE'))
    and ((pg_catalog.row_to_json(c) ->> 'relrowsecurity')::bool is not true
      or r.rolsuper or (pg_catalog.row_to_json(r) ->> 'rolbypassrls')::bool
      or pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE') and not (pg_catalog.row_to_json(c) ->> 'relforcerowsecurity')::bool)
) as allowed`,
  values: [ownerRole, schema, name, updates],
});

/**
 * Takes the task over from its holder, and counts its frozen files: an older version did not. Returns no row when another
 * process was faster, when the holder is alive (unless `force`) or has given a sign of life after all, or when the task has
 * ended. Waits for a transaction of the old holder that is about to commit.
 * By `replay_epoch` it says that it knows `replay_after`: a CHECK constraint refuses who does not (migration 13).
 */
export const takeLease = (lease: LeaseOwner, holder: Holder): Statement => ({
  name: 'takeLease',
  text: `update relyt_sys.relyt_loader_task t
set epoch = t.epoch + 1, replay_epoch = t.epoch + 1, owner = $2, heartbeat_at = now(), lease_seconds = $3,
    frozen_files = (select count(*) from relyt_sys.relyt_loader_file f where f.process_id = $1 and f.frozen_at is not null)
where t.process_id = $1 and t.epoch = $4 and t.owner = $8
  and exists (
    select 1 from relyt_sys.relyt_loader_checkpoint c
    where c.process_id = $1 and c.status = any($5::text[])
      and ($6 or c.status <> 'RUNNING' or t.heartbeat_at < now() - t.lease_seconds * interval '1 second'
        or ${beat('t')} operator(pg_catalog.=) $7)
  )
returning t.epoch`,
  values: [
    lease.processId,
    lease.owner,
    lease.leaseSeconds,
    holder.epoch,
    taskStatesBefore('resume'),
    lease.force,
    lease.goneSince,
    holder.owner,
  ],
});

export const heartbeat = (writer: Writer): Statement => ({
  name: 'heartbeat',
  text: `update relyt_sys.relyt_loader_task set heartbeat_at = now(),
    holder_server = case when holder_server is not null then pg_catalog.pg_postmaster_start_time() end
where process_id = $1 and epoch = $2 and owner = $3`,
  values: [writer.processId, writer.epoch, writer.owner],
});

/**
 * Ends the connections of the owner that lost the task: a process that was only paused may hold one with an open
 * import. Only those this role may end; the others are fenced by the epoch all the same.
 */
export const endConnections = (applicationName: string): Statement => ({
  name: 'endConnections',
  text: `select pg_terminate_backend(pid) from pg_stat_activity
where application_name = $1 and usename = current_user`,
  values: [applicationName],
});
