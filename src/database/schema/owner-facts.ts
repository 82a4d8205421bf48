import type { Dialect } from '../../core/dialect.ts';
import { SQLSTATE } from '../../core/sqlstate.ts';

/**
 * What a role must know of tasks that it cannot see, as functions that return the fact or the number and nothing else;
 * so every role that may use the schema may call them, the Go SDK's roles included. Were their owner bound by a policy,
 * they would raise: a wrong "no" would open rows.
 */
export const ownerFacts = (dialect: Dialect): string => `
create or replace function relyt_sys.relyt_loader_task_exists(process_id text) returns boolean
${definer(dialect)}
begin
  return exists (select from relyt_sys.relyt_loader_task t where t.process_id = $1);
end $$;

create or replace function relyt_sys.relyt_loader_checkpoint_exists(process_id text) returns boolean
${definer(dialect)}
begin
  return exists (select from relyt_sys.relyt_loader_checkpoint c where c.process_id = $1);
end $$;

-- Tasks that load the table now, or did when this transaction first wrote; one that crashed counts for an hour.
-- A task that ended before that has committed all it wrote, and this transaction's statements saw it.
create or replace function relyt_sys.relyt_loader_task_count(pg_table text) returns bigint
${definer(dialect)}
begin
  return (
    select count(*)
    from relyt_sys.relyt_loader_task t
    join relyt_sys.relyt_loader_checkpoint c on c.process_id = t.process_id
    where t.pg_table = $1 and (
      c.status = 'RUNNING' and t.heartbeat_at > clock_timestamp() - interval '1 hour'
      or age(c.xmin) < age((txid_current() % 4294967296)::text::xid)
    ));
end $$;

grant execute on function relyt_sys.relyt_loader_task_exists(text) to public;
grant execute on function relyt_sys.relyt_loader_checkpoint_exists(text) to public;
grant execute on function relyt_sys.relyt_loader_task_count(text) to public;
${dialect.rowSecurity && !dialect.distributed ? KEPT_ID : ''}`;

function definer({ rowSecurity }: Dialect): string {
  const unbound = rowSecurity ? ' set row_security = off' : '';
  return `language plpgsql stable security definer set search_path = pg_catalog, pg_temp${unbound} as $$`;
}

/** A task that is given the id of another checkpoint would be a task row under it. */
const KEPT_ID = `
create or replace function relyt_sys.relyt_loader_keep_id() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'the process_id of a task never changes' using errcode = '${SQLSTATE.insufficientPrivilege}';
end $$;

drop trigger if exists relyt_loader_keep_id on relyt_sys.relyt_loader_task;
create trigger relyt_loader_keep_id before update of process_id on relyt_sys.relyt_loader_task
for each row execute procedure relyt_sys.relyt_loader_keep_id();
`;
