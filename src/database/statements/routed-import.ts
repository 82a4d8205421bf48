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
