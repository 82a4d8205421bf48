import type { Dialect } from '../../core/dialect.ts';
import { qualified, type Statement } from '../statement.ts';

/** A session that listens on this channel receives `schema.table` of a main table whenever one of its groups moved. */
const ROUTING_CHANNEL = 'relyt_routing';

export interface RelationRow {
  readonly schema: string;
  readonly name: string;
}

/** Tables of these names, whatever their schema; the catalogue may be read by every role. */
export const tablesNamed = (names: readonly string[]): Statement => ({
  name: 'tablesNamed',
  text: `select n.nspname::text as schema, c.relname::text as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relname = any($1::text[]) and c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
order by 1, 2`,
  values: [names],
});

/** One store name that is among those given, and one that is not; null where there is none. */
export const storeNames = (
  schema: string,
  routing: string,
  known: readonly string[],
): Statement => ({
  name: 'storeNames',
  text: `select
  (select store_table_name from ${qualified(schema, routing)} where store_table_name = any($1::text[]) limit 1) as known,
  (select store_table_name from ${qualified(schema, routing)} where not store_table_name = any($1::text[]) limit 1) as other`,
  values: [known],
});

/**
 * Keeps the groups where they are until the end of the transaction. An import takes it before anything else, and
 * any number of imports hold it at once; PostgreSQL wants the right to UPDATE the table for it.
 */
export const holdRouting = (schema: string, routing: string): Statement => ({
  name: 'holdRouting',
  text: `lock table ${qualified(schema, routing)} in share mode`,
});

/**
 * Ends with the transaction that makes a table a routed one: an import that began before could not know, and must be
 * over before the first group moves. Where rows live on segments, imports hold the table with the least of locks.
 */
export const awaitWriters = (
  schema: string,
  table: string,
  { distributed }: Dialect,
): Statement => ({
  name: 'awaitWriters',
  text: `lock table ${qualified(schema, table)} in ${distributed ? 'access exclusive' : 'share row exclusive'} mode`,
});

/** What a transaction begins with that moves a group: it waits for the imports under way, and they for it. */
export const changeRouting = (schema: string, routing: string): Statement => ({
  name: 'changeRouting',
  text: `lock table ${qualified(schema, routing)} in share row exclusive mode`,
});

export const routeGroup = (
  routing: {
    readonly schema: string;
    readonly name: string;
    readonly idType: string;
    readonly storeName: string;
  },
  group: string,
): Statement => {
  const table = qualified(routing.schema, routing.name);
  return {
    name: 'routeGroup',
    text: `insert into ${table} (routing_id, store_table_name)
select $1::${routing.idType}, $2::text
where not exists (select 1 from ${table} where routing_id = $1::${routing.idType})`,
    values: [group, routing.storeName],
  };
};

export const unrouteGroup = (
  routing: { readonly schema: string; readonly name: string; readonly idType: string },
  group: string,
): Statement => ({
  name: 'unrouteGroup',
  text: `delete from ${qualified(routing.schema, routing.name)} where routing_id = $1::${routing.idType}`,
  values: [group],
});

export const isRouted = (
  routing: { readonly schema: string; readonly name: string; readonly idType: string },
  group: string,
): Statement => ({
  name: 'isRouted',
  text: `select exists (
  select 1 from ${qualified(routing.schema, routing.name)} where routing_id = $1::${routing.idType}
) as routed`,
  values: [group],
});

/** Delivered when the transaction commits. */
export const tellRouting = (mainTable: string): Statement => ({
  name: 'tellRouting',
  text: 'select pg_catalog.pg_notify($1, $2)',
  values: [ROUTING_CHANNEL, mainTable],
});

export const createRoutingTable = (
  schema: string,
  routing: string,
  storage: string,
): Statement => ({
  name: 'createRoutingTable',
  text: `create table ${qualified(schema, routing)} (
  routing_id       text primary key,
  store_table_name text not null
)${storage}`,
});
