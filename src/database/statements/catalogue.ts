import type { ColumnType } from '../../core/target-table.ts';
import type { Statement } from '../statement.ts';

export interface TableRow {
  readonly relkind: string;
  readonly is_external: boolean;
  /** Its rows live on segments, and it, or a partition of it, is unlogged. */
  readonly is_unlogged: boolean;
  readonly key_deferrable: boolean | null;
  readonly primary_key: string[] | null;
}

export interface ColumnRow {
  readonly name: string;
  readonly sql_type: string;
  readonly type_oid: number;
  readonly typmod: number;
  readonly not_null: boolean;
  readonly has_default: boolean;
  readonly identity: string;
  readonly generated: string;
  readonly deterministic: boolean;
  readonly collation: string | null;
}

export interface TypeRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly base: number;
  readonly base_typmod: number;
  readonly not_null: boolean;
  readonly element: number;
  readonly delimiter: string;
  readonly labels: string[] | null;
  readonly operators: NonNullable<ColumnType['operators']> | null;
}

const ANY_UNLOGGED = `exists (
         with recursive part (oid, persistence) as (
           select r.oid, r.relpersistence
           from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace
           where s.nspname = $1 and r.relname = $2
           union all
           select k.oid, k.relpersistence
           from part join pg_catalog.pg_inherits h on h.inhparent = part.oid join pg_catalog.pg_class k on k.oid = h.inhrelid
         ) select 1 from part where persistence = 'u')`;

/** What only some catalogues have of a row is read from its JSON, so that one text serves all of them. */
const ofRow = (row: string, column: string) => `pg_catalog.row_to_json(${row}) ->> '${column}'`;

export const catalogueTable = (schema: string, table: string): Statement => ({
  name: 'catalogueTable',
  // Where the catalogue is old, an external table looks like a table.
  text: `select c.relkind::text as relkind,
       coalesce(${ofRow('c', 'relstorage')} = 'x', false) as is_external,
       pg_catalog.to_regclass('pg_catalog.gp_segment_configuration') is not null and ${ANY_UNLOGGED} as is_unlogged,
       con.condeferrable as key_deferrable,
       (select array_agg(a.attname::text order by k.n)
        from unnest(con.conkey) with ordinality as k (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) as primary_key
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_constraint con on con.conrelid = c.oid and con.contype = 'p'
where n.nspname = $1 and c.relname = $2`,
  values: [schema, table],
});

export const catalogueColumns = (schema: string, table: string): Statement => ({
  name: 'catalogueColumns',
  text: `select a.attname::text as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) as sql_type,
       a.atttypid::int8 as type_oid,
       a.atttypmod as typmod,
       a.attnotnull as not_null,
       (a.atthasdef or newer.identity <> '' or ty.typdefault is not null) and newer.generated = '' as has_default,
       newer.identity, newer.generated,
       coalesce((${ofRow('co', 'collisdeterministic')})::boolean, true) as deterministic,
       case when a.attcollation <> ty.typcollation then pg_catalog.format('%I.%I', cn.nspname, co.collname) end as collation
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_type ty on ty.oid = a.atttypid
left join pg_catalog.pg_collation co on co.oid = a.attcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
cross join lateral (select pg_catalog.row_to_json(a) as json) r
cross join lateral (
  select coalesce(r.json ->> 'attidentity', '') as identity, coalesce(r.json ->> 'attgenerated', '') as generated
) newer
where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
order by a.attnum`,
  values: [schema, table],
});

/**
 * The types of the columns and all they are made of: domains to their base, arrays to their elements. A primary key
 * always has the default operator class of its types, which only a superuser can make.
 */
export const catalogueTypes = (schema: string, table: string): Statement => ({
  name: 'catalogueTypes',
  text: `with recursive needed (oid) as (
  select a.atttypid
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
  union
  select next.oid
  from needed join pg_catalog.pg_type t on t.oid = needed.oid
  cross join lateral (values (t.typbasetype), (case when t.typcategory = 'A' then t.typelem else 0 end)) as next (oid)
  where next.oid <> 0
)
select t.oid::int8 as oid, ns.nspname::text as schema, t.typname::text as name,
       case when t.typcategory = 'A' and t.typelem <> 0 and t.typtype = 'b' then 'a' else t.typtype::text end as kind,
       t.typbasetype::int8 as base, t.typtypmod as base_typmod, t.typnotnull as not_null,
       t.typelem::int8 as element, t.typdelim::text as delimiter,
       (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid) as labels,
       o.operators
from needed
join pg_catalog.pg_type t on t.oid = needed.oid
join pg_catalog.pg_namespace ns on ns.oid = t.typnamespace
cross join lateral (
  select json_object_agg((array['<', '<=', '=', '>=', '>'])[ao.amopstrategy], format('operator(%I.%s)', opn.nspname, op.oprname)) as operators
  from pg_catalog.pg_opclass oc
  join pg_catalog.pg_am am on am.oid = oc.opcmethod and am.amname = 'btree'
  join pg_catalog.pg_amop ao on ao.amopfamily = oc.opcfamily
    and ao.amoplefttype = oc.opcintype and ao.amoprighttype = oc.opcintype
  join pg_catalog.pg_operator op on op.oid = ao.amopopr
  join pg_catalog.pg_namespace opn on opn.oid = op.oprnamespace
  where oc.opcintype = t.oid and oc.opcdefault and opn.nspname <> 'pg_catalog'
) o`,
  values: [schema, table],
});
