import type { Statement } from '../statement.ts';

/** A unique index of a table, that of a constraint included. */
export interface UniqueKeyRow {
  /** In the order of the index; null where it has expressions. */
  readonly columns: string[] | null;
  readonly partial: boolean;
  readonly deferrable: boolean;
  /** It is being built, or a build of it failed. */
  readonly invalid: boolean;
  /** Its equality is not that of the columns: by another operator class or collation. */
  readonly own_equality: boolean;
  /** NULLS NOT DISTINCT. */
  readonly nulls_equal: boolean;
}

/** What only some catalogues have of an index is read from its JSON, so that one text serves all of them. */
const ofIndex = (column: string) => `pg_catalog.row_to_json(i) ->> '${column}'`;

/** Unique indexes of a table, except exclusion constraints, by which no conflict is decided. */
export const uniqueKeys = (schema: string, table: string): Statement => ({
  name: 'uniqueKeys',
  text: `select k.columns,
       i.indpred is not null as partial,
       not i.indimmediate as deferrable,
       not i.indisvalid as invalid,
       k.own_equality,
       coalesce((${ofIndex('indnullsnotdistinct')})::boolean, false) as nulls_equal
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_index i on i.indrelid = c.oid
cross join lateral (
  select case when i.indexprs is null then array_agg(a.attname::text order by p.n) end as columns,
    bool_or(not o.opcdefault or p.coll <> a.attcollation) as own_equality
  from unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[]) with ordinality as p (attnum, opclass, coll, n)
  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum
  join pg_catalog.pg_opclass o on o.oid = p.opclass
  where p.n <= coalesce((${ofIndex('indnkeyatts')})::int, i.indnatts)
) k
where n.nspname = $1 and c.relname = $2 and i.indisunique and not i.indisexclusion
order by i.indisprimary desc, i.indexrelid`,
  values: [schema, table],
});
