import { qualified, type Statement } from '../statement.ts';

/** Keeps the table from being altered until the end of the transaction. The right to INSERT is enough for `row exclusive`. */
export const lockTable = (
  schema: string,
  table: string,
  mode: 'access share' | 'row exclusive',
): Statement => ({
  name: 'lockTable',
  text: `lock table only ${qualified(schema, table)} in ${mode} mode`,
});

/**
 * SQL: whether MERGE into the table $1, of the columns $2 and the key $3, does what INSERT … ON CONFLICT DO UPDATE does.
 * - It refuses tables with rules, and tells policies and triggers of rows other things.
 * - It runs under settings of its own, which the queries of a trigger of a statement should not.
 * - It checks a row that is updated as it becomes. ON CONFLICT also checks it as it would be inserted, in which columns
 *   that are not given count.
 */
const MAY_MERGE = `pg_catalog.current_setting('server_version_num')::int >= 150000
  and not pg_catalog.row_security_active($1::regclass)
  and exists (
    select from pg_catalog.pg_index i
    where i.indrelid = $1::regclass and i.indisunique and i.indimmediate and i.indisvalid and not i.indisexclusion
      and i.indpred is null and i.indexprs is null
      and not coalesce((pg_catalog.row_to_json(i) ->> 'indnullsnotdistinct')::boolean, false)
      and $3::text[] = array(
        select a.attname::text from unnest(i.indkey::int2[]) with ordinality as k (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where k.n <= (pg_catalog.row_to_json(i) ->> 'indnkeyatts')::int order by k.n))
  and not exists (select from pg_catalog.pg_rewrite r where r.ev_class = $1::regclass)
  and not exists (
    select from (select $1::regclass::oid union select relid::oid from pg_catalog.pg_partition_tree($1::regclass)) as p (oid)
    where exists (select from pg_catalog.pg_trigger g where g.tgrelid = p.oid and not g.tgisinternal)
      or exists (
        select from pg_catalog.pg_attribute u join pg_catalog.pg_type y on y.oid = u.atttypid
        where u.attrelid = p.oid and u.attnum > 0 and not u.attisdropped and u.attname <> all($2::text[])
          and (u.attnotnull and not u.atthasdef and u.attidentity = '' or y.typtype = 'd' or exists (
            select from pg_catalog.pg_constraint k
            where k.conrelid = p.oid and k.contype = 'c' and u.attnum = any(k.conkey)))))`;

/**
 * Those of the columns that there are, with their types as SQL text, and the oid of their table.
 * @param mergeKey the key, where it is asked if the table can be written by MERGE as well
 */
export const columnTypes = (
  { schema, name }: { readonly schema: string; readonly name: string },
  names: readonly string[],
  mergeKey: readonly string[] | undefined,
): Statement => ({
  name: 'columnTypes',
  text: `select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table"${
    mergeKey === undefined ? '' : `,\n  ${MAY_MERGE} as "mayMerge"`
  }
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[])`,
  values: [qualified(schema, name), names, ...(mergeKey === undefined ? [] : [mergeKey])],
});

/** All columns, in attribute order. */
export const allColumnTypes = (schema: string, table: string): Statement => ({
  name: 'allColumnTypes',
  text: `select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
  values: [qualified(schema, table)],
});

/** What decides whether COPY makes the rows of a table that INSERT would make. */
export interface CopyFacts {
  /** No rule rewrites an INSERT, which COPY passes by, and no row security binds the role, which COPY refuses. */
  readonly takesCopy: boolean;
  /** Columns of a domain without a default. INSERT checks whether the domain takes the NULL of one that is not given. */
  readonly checkedNulls: readonly string[];
  /**
   * Where two imports depend on each other, one waits for a lock of the other: by a key or a row. A trigger, a rule, a
   * policy, or a foreign key to the table itself could read what the other has not committed, and would wait for nothing.
   */
  readonly meetsByLocks: boolean;
}

/** By the catalogue: a role that cannot use the schema must get that error, and not one of this query. */
export const copyFacts = (schema: string, table: string): Statement => ({
  name: 'copyFacts',
  text: `select not pg_catalog.row_security_active(c.oid) and not exists (
         select from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.ev_type = '3'
       ) as "takesCopy",
       array(select a.attname::text from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and not a.atthasdef
               and t.typtype = 'd') as "checkedNulls",
       c.relkind = 'r' and not c.relhasrules and not pg_catalog.row_security_active(c.oid) and not exists (
         select from pg_catalog.pg_index i where i.indrelid = c.oid and (i.indisexclusion or not i.indimmediate)
       ) and not exists (
         select from pg_catalog.pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal
       ) and not exists (
         select from pg_catalog.pg_constraint f where f.contype = 'f' and f.conrelid = c.oid and f.confrelid = c.oid
       ) as "meetsByLocks"
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2`,
  values: [schema, table],
});

export interface TargetRightsRow {
  /** Who asks. */
  readonly role: string;
  readonly may_use_schema: boolean;
  /** Of the table as a whole. */
  readonly table_rights: string[];
  /** Columns with at least this right, also where the table grants it. */
  readonly selectable: string[];
  readonly updatable: string[];
}

/** What the role may do with a table, asked without any right on it. One row. */
export const targetRights = (schema: string, table: string): Statement => ({
  name: 'targetRights',
  text: `select current_user::text as role,
       has_schema_privilege(n.oid, 'USAGE') as may_use_schema,
       array(select p from unnest(array['INSERT', 'SELECT', 'UPDATE', 'DELETE']) as p where has_table_privilege(c.oid, p)) as table_rights,
       array(select a.attname::text from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               and has_column_privilege(c.oid, a.attnum, 'SELECT')) as selectable,
       array(select a.attname::text from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               and has_column_privilege(c.oid, a.attnum, 'UPDATE')) as updatable
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2`,
  values: [schema, table],
});
