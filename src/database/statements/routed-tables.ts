import { AUXILIARY_SUFFIX, ROUTING_SUFFIX } from '../../core/routing-suffixes.ts';
import { qualified, type Statement } from '../statement.ts';

/** A main table that has an auxiliary and a routing table. */
export interface RoutedTableRow {
  readonly schema: string;
  readonly name: string;
  /** Rows as the planner knows them; null before the first ANALYZE. */
  readonly main_rows: number | null;
  readonly auxiliary_rows: number | null;
}

export const listRoutedTables = (limit: number): Statement => ({
  name: 'listRoutedTables',
  text: `select n.nspname::text as schema, m.relname::text as name,
       case when m.reltuples >= 0 then m.reltuples::float8 end as main_rows,
       case when a.reltuples >= 0 then a.reltuples::float8 end as auxiliary_rows
from pg_catalog.pg_class r
join pg_catalog.pg_namespace s on s.oid = r.relnamespace and s.nspname = 'relyt_sys'
join pg_catalog.pg_class m on m.relname::text || $1 = r.relname::text and m.relkind in ('r', 'p')
join pg_catalog.pg_class a on a.relnamespace = m.relnamespace and a.relname::text = m.relname::text || $2
join pg_catalog.pg_namespace n on n.oid = m.relnamespace
where r.relkind in ('r', 'p') order by 1, 2 limit $3`,
  values: [ROUTING_SUFFIX, AUXILIARY_SUFFIX, limit],
});

export interface GroupSizeRow {
  readonly group: string;
  readonly rows: number;
}

/**
 * The biggest groups of a table, as the planner's statistics know them: counting would read the whole table. They show
 * columns only that the role may read.
 */
export const groupSizes = (
  { schema, name }: { readonly schema: string; readonly name: string },
  column: string,
  limit: number,
): Statement => ({
  name: 'groupSizes',
  text: `select v.id as "group", round(v.share * c.reltuples)::int8 as rows
from pg_catalog.pg_stats s
join pg_catalog.pg_namespace n on n.nspname = s.schemaname
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
cross join unnest(s.most_common_vals::text::text[], s.most_common_freqs) as v (id, share)
where s.schemaname = $1 and s.tablename = $2 and s.attname = $3
  and s.inherited = (c.relkind = 'p') and c.reltuples > 0
order by 2 desc, 1 limit $4`,
  values: [schema, name, column, limit],
});

/** How many groups live in the auxiliary table. */
export const countRouted = (routing: {
  readonly schema: string;
  readonly name: string;
}): Statement => ({
  name: 'countRouted',
  text: `select count(*) as groups from ${qualified(routing.schema, routing.name)}`,
});
