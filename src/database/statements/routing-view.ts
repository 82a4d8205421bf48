import type { Dialect } from '../../core/dialect.ts';
import type { TableName } from '../../core/table-name.ts';
import { ident, literal, qualified, type Statement } from '../statement.ts';

interface ViewSide {
  readonly schema: string;
  readonly table: string;
  readonly group: string;
  /** In the order of the view's columns. */
  readonly columns: readonly string[];
}

export interface RoutedView {
  readonly name: string;
  readonly main: ViewSide;
  readonly auxiliary: ViewSide;
  readonly routing: { readonly schema: string; readonly name: string; readonly idType: string };
  /** Reads with the rights of its reader, under the policies for that role, instead of those of its owner. */
  readonly asReader: boolean;
}

/**
 * Both tables as one. What decides is the routing table alone, so it is right in every phase of a move, when
 * rows of a group are in both. Groups are compared byte by byte, as imports do: under the collation of the column
 * `ABC` and `abc` may be one text, and are still two groups.
 */
export const createView = (view: RoutedView): Statement => {
  const { name, main, auxiliary, routing, asReader } = view;
  const spelled = (alias: string, side: ViewSide) => {
    const group = `${alias}.${ident(side.group)}`;
    return routing.idType === 'text'
      ? `${group}::text collate "default"`
      : `${group}::${routing.idType}`;
  };
  const routed = (alias: string, side: ViewSide) =>
    `exists (select 1 from ${qualified(routing.schema, routing.name)} r where r.routing_id = ${spelled(alias, side)})`;
  const columns = (alias: string, side: ViewSide) =>
    side.columns.map((column) => `${alias}.${ident(column)}`).join(', ');
  return {
    name: 'createView',
    text: `create or replace view ${qualified(main.schema, name)}${asReader ? ' with (security_invoker = true)' : ''} as
select ${columns('m', main)} from ${qualified(main.schema, main.table)} m
where not ${routed('m', main)}
union all
select ${columns('a', auxiliary)} from ${qualified(auxiliary.schema, auxiliary.table)} a
where ${routed('a', auxiliary)}`,
  };
};

export const dropView = (schema: string, name: string): Statement => ({
  name: 'dropView',
  text: `drop view ${qualified(schema, name)}`,
});

/** What has this name in a schema, a table or not; one letter says what it is. */
export const relationKind = (schema: string, name: string): Statement => ({
  name: 'relationKind',
  text: `select c.relkind::text as kind
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2`,
  values: [schema, name],
});

export interface RowSecurity {
  /** Of one of the tables. */
  readonly isOn: boolean;
  /** A view can read with the rights of its reader. */
  readonly viewsCanAsk: boolean;
}

export const rowSecurityOf = (dialect: Dialect, tables: readonly TableName[]): Statement => {
  const oids = tables.map(
    ({ schema, table }) => `${literal(qualified(schema, table))}::pg_catalog.regclass`,
  );
  return {
    name: 'rowSecurityOf',
    text: `select ${dialect.modernCatalogue ? 'coalesce(pg_catalog.bool_or(c.relrowsecurity), false)' : 'false'} as "isOn",
  pg_catalog.current_setting('server_version_num')::pg_catalog.int4 operator(pg_catalog.>=) 150000 as "viewsCanAsk"
from pg_catalog.pg_class c where c.oid operator(pg_catalog.=) any (array[${oids.join(', ')}]::pg_catalog.oid[])`,
  };
};

/** Whether a view reads with the rights of its reader; no row where there is no such view. */
export const viewReadsAsReader = ({
  schema,
  name,
}: {
  readonly schema: string;
  readonly name: string;
}): Statement => ({
  name: 'viewReadsAsReader',
  text: `select coalesce((
    select o.option_value::pg_catalog.bool from pg_catalog.pg_options_to_table(c.reloptions) o
    where o.option_name operator(pg_catalog.=) 'security_invoker'
  ), false) as "asReader"
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
where n.nspname operator(pg_catalog.=) $1 and c.relname operator(pg_catalog.=) $2
  and c.relkind operator(pg_catalog.=) 'v'`,
  values: [schema, name],
});

/** Whether the view asks this table. */
export const viewReads = (
  view: { readonly schema: string; readonly name: string },
  table: { readonly schema: string; readonly name: string },
): Statement => {
  const regclass = ({ schema, name }: { readonly schema: string; readonly name: string }) =>
    `${literal(qualified(schema, name))}::pg_catalog.regclass`;
  return {
    name: 'viewReads',
    text: `select exists (
  select 1 from pg_catalog.pg_depend d join pg_catalog.pg_rewrite w on w.oid = d.objid
  where d.classid = 'pg_catalog.pg_rewrite'::regclass and w.ev_class = ${regclass(view)}
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = ${regclass(table)}
) as found`,
  };
};
