import type { Writer } from '../../core/writer.ts';
import type { Statement } from '../statement.ts';

/** How the connections of a process show in pg_stat_activity. */
export interface Presence {
  readonly name: string;
  readonly role: string;
}

/** No row where this role does not see its own connection under this name: then others would not, either. */
export const readPresence = (applicationName: string): Statement => ({
  name: 'readPresence',
  text: `select a.application_name as name, a.usename::pg_catalog.text as role
from pg_catalog.pg_stat_activity a
where a.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid()
  and a.application_name operator(pg_catalog.=) $1 and a.usename operator(pg_catalog.=) current_user`,
  values: [applicationName],
});

/**
 * SQL of how many connections the process has that holds a task; null where they cannot be seen. Names of connections
 * show to their own role and to superusers only, and those of before a restart say nothing.
 */
export const holderConnections = (task: string): string =>
  `case when ${task}.holder_server operator(pg_catalog.=) pg_catalog.pg_postmaster_start_time()
         and (${task}.holder_role operator(pg_catalog.=) current_user::pg_catalog.text
           or exists (select 1 from pg_catalog.pg_roles r where r.rolname operator(pg_catalog.=) current_user and r.rolsuper))
       then (
         select pg_catalog.count(*)::pg_catalog.int4 from pg_catalog.pg_stat_activity a
         where a.application_name operator(pg_catalog.=) ${task}.holder_name
           and a.usename::pg_catalog.text operator(pg_catalog.=) ${task}.holder_role
       ) end`;

/**
 * With the lease: how to see whether the process that holds it lives. Without a presence nothing shows it. After
 * another start of the server its connections must be made again first, so that start is kept as well.
 */
export const storePresence = (writer: Writer, presence: Presence | undefined): Statement => ({
  name: 'storePresence',
  text: `update relyt_sys.relyt_loader_task set holder_name = $4::pg_catalog.text, holder_role = $5::pg_catalog.text,
    holder_server = case when $4::pg_catalog.text is not null then pg_catalog.pg_postmaster_start_time() end
where process_id operator(pg_catalog.=) $1 and epoch operator(pg_catalog.=) $2::pg_catalog.int8
  and owner operator(pg_catalog.=) $3`,
  values: [
    writer.processId,
    writer.epoch,
    writer.owner,
    presence?.name ?? null,
    presence?.role ?? null,
  ],
});
