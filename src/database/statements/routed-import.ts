import { qualified, type Statement } from '../statement.ts';

export const relationExists = (schema: string, name: string): Statement => ({
  name: 'relationExists',
  text: `select exists (
  select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2
) as found`,
  values: [schema, name],
});

/** Whether any group lives in the auxiliary table. */
export const anyRouted = (schema: string, routing: string): Statement => ({
  name: 'anyRouted',
  text: `select exists (select 1 from ${qualified(schema, routing)}) as found`,
});

/** Groups that a migration has begun to move; while it copies them they live where they were. */
export const movesUnderWay = (mainTable: string): Statement => ({
  name: 'movesUnderWay',
  text: `select routing_id as "group", phase = 'COPY' as copying from relyt_sys.relyt_loader_move where main_table = $1`,
  values: [mainTable],
});

/** Numbers of our advisory locks: one for each routed table. */
const KEYS_LOCK = 7_235_895;

/** From here to their commit, imports into one routed table go one after the other. */
export const lockKeys = (mainTable: string): Statement => ({
  name: 'lockKeys',
  text: 'select pg_advisory_xact_lock($1::int, hashtext($2))',
  values: [KEYS_LOCK, mainTable],
});

/**
 * Tasks that load the table now, or did when this transaction first wrote; one that crashed counts for an hour. A task
 * that ended before that has committed all it wrote, and this transaction's statements saw it.
 */
export const tasksLoading = (mainTable: string): Statement => ({
  name: 'tasksLoading',
  text: `select count(*)::int as tasks
from relyt_sys.relyt_loader_task t
join relyt_sys.relyt_loader_checkpoint c on c.process_id = t.process_id
where t.pg_table = $1 and (
  c.status = 'RUNNING' and t.heartbeat_at > clock_timestamp() - interval '1 hour'
  or age(c.xmin) < age((txid_current() % 4294967296)::text::xid)
)`,
  values: [mainTable],
});
