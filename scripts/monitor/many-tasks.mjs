// A database after years of loads: tasks and their files as rows of relyt_sys, without the loads.

export const TASKS = 10_000;
/** Of them, the newest. */
export const RUNNING = 100;
export const FILES_OF_EACH = 100;

/** Statements that make them, for a role of this name. */
export function manyTasks(role) {
  return [{ text: MANY_TASKS, values: [role] }, { text: MANY_FILES }, { text: 'analyze' }];
}

const MANY_TASKS = `with made as (
  insert into relyt_sys.relyt_loader_task (process_id, pg_table, engine, epoch, owner, heartbeat_at,
    lease_seconds, settings, sdk_version, created_at, owner_role)
  select 'many-' || n, 'public.many', 'copy', 1, 'host:1', now(), 30, '{}', '0.1.0', now(), $1
  from generate_series(1, ${TASKS}) n
)
insert into relyt_sys.relyt_loader_checkpoint (process_id, pg_table, status, start_time)
select 'many-' || n, 'public.many', case when n <= ${RUNNING} then 'RUNNING' else 'COMPLETED' end, now() - n * interval '1 s'
from generate_series(1, ${TASKS}) n`;

const MANY_FILES = `insert into relyt_sys.relyt_loader_file (process_id, file_id, generation, lane, s3_bucket, s3_key,
  s3_url, status, num_records, created_at, frozen_at, imported_at, owner_role)
select t.process_id, f, f, 0, 'b', 'k', 'u', case when f = ${FILES_OF_EACH} then 'FROZEN' else 'IMPORTED' end, 1000, now(), now(), now(), t.owner_role
from relyt_sys.relyt_loader_task t, generate_series(1, ${FILES_OF_EACH}) f`;
