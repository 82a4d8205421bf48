import type { Statement } from '../statement.ts';

/** How fast a task goes, and what waits for its imports. */
export interface PaceRow {
  readonly process_id: string;
  /** Records of the imports that committed in the newest `seconds`. */
  readonly recent_records: number;
  /** As long as the task has been there, at most as long as was asked for. */
  readonly seconds: number;
  /** Of files that are frozen and not imported. */
  readonly waiting_files: number;
  readonly waiting_records: number;
  /** How long the oldest of these files has been waiting; null when none waits. */
  readonly oldest_seconds: number | null;
}

/** Reads the rows of these tasks only, by their primary keys. */
export const readPaces = (processIds: readonly string[], seconds: number): Statement => ({
  name: 'readPaces',
  text: `with recent as (
  select process_id, sum(num_records)::int8 as records
  from relyt_sys.relyt_loader_import
  where process_id = any($1::text[]) and imported_at > now() - $2::int4 * interval '1 second'
  group by process_id
), waiting as (
  select process_id, count(*) as files, sum(num_records)::int8 as records,
         extract(epoch from now() - min(frozen_at))::float8 as oldest_seconds
  from relyt_sys.relyt_loader_file
  where process_id = any($1::text[]) and status in ('FROZEN', 'IMPORTING')
  group by process_id
)
select t.process_id, coalesce(recent.records, 0)::int8 as recent_records,
       least($2::int4, extract(epoch from now() - t.created_at))::float8 as seconds,
       coalesce(waiting.files, 0)::int8 as waiting_files,
       coalesce(waiting.records, 0)::int8 as waiting_records, waiting.oldest_seconds
from relyt_sys.relyt_loader_task t
left join recent on recent.process_id = t.process_id
left join waiting on waiting.process_id = t.process_id
where t.process_id = any($1::text[])`,
  values: [processIds, seconds],
});

/** How many tasks of each status this role may see. */
export const countTasks = (): Statement => ({
  name: 'countTasks',
  text: `select upper(status) as status, count(*) as tasks
from relyt_sys.relyt_loader_checkpoint group by 1 order by 1`,
});
