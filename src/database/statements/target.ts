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

/** Those of the columns that there are, with their types as SQL text, and the oid of their table. */
export const columnTypes = (
  schema: string,
  table: string,
  names: readonly string[],
): Statement => ({
  name: 'columnTypes',
  text: `select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType", a.attrelid::int8 as "table"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[])`,
  values: [qualified(schema, table), names],
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
  /** Staged columns that are gone or have another type now, a modifier included. */
  readonly retyped: readonly string[];
}

/** @param staged columns, with their types as the records were encoded for them; none where they are not known yet */
export const copyFacts = (
  schema: string,
  table: string,
  staged: readonly { readonly name: string; readonly sqlType: string }[],
): Statement => ({
  name: 'copyFacts',
  text: `select not pg_catalog.row_security_active(c.oid) and not exists (
         select from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.ev_type = '3'
       ) as "takesCopy",
       array(select a.attname::text from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and not a.atthasdef
               and t.typtype = 'd') as "checkedNulls",
       array(select s.name from unnest($2::text[], $3::text[]) as s (name, type)
             where not exists (
               select from pg_catalog.pg_attribute a
               where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname = s.name
                 and pg_catalog.format_type(a.atttypid, a.atttypmod) = s.type
             )) as retyped
from pg_catalog.pg_class c where c.oid = $1::regclass`,
  values: [
    qualified(schema, table),
    staged.map(({ name }) => name),
    staged.map(({ sqlType }) => sqlType),
  ],
});

export interface TargetRightsRow {
  /** Who asks. */
  readonly role: string;
  readonly may_use_schema: boolean;
  /** Of the table as a whole. */
  readonly table_rights: string[];
  /** Columns with at least this right, be it by the table's. */
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
