import type { Dialect } from '../core/dialect.ts';
import type { ColumnType, TargetColumn, TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import type { Session } from './database.ts';
import { databaseError } from './database-error.ts';
import type { Statement } from './statement.ts';

interface TableRow {
  readonly relkind: string;
  readonly is_external: boolean;
  readonly key_deferrable: boolean | null;
  readonly primary_key: string[] | null;
}

interface ColumnRow {
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

interface TypeRow {
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
}

const catalogueTable = (dialect: Dialect, schema: string, table: string): Statement => ({
  // Where the catalogue is old, an external table looks like a table.
  name: 'catalogueTable',
  text: `select c.relkind::text as relkind,
       ${dialect.modernCatalogue ? 'false' : "c.relstorage = 'x'"} as is_external,
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

/** What only a newer catalogue knows of a column `a` of type `ty`; `co` is its collation. */
const NEWER_COLUMN = `(a.atthasdef or a.attidentity <> '' or ty.typdefault is not null) and a.attgenerated = '' as has_default,
       a.attidentity::text as identity,
       a.attgenerated::text as generated,
       coalesce(co.collisdeterministic, true) as deterministic`;
const OLDER_COLUMN = `a.atthasdef or ty.typdefault is not null as has_default,
       '' as identity, '' as generated, true as deterministic`;

const catalogueColumns = (dialect: Dialect, schema: string, table: string): Statement => ({
  name: 'catalogueColumns',
  text: `select a.attname::text as name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) as sql_type,
       a.atttypid::int8 as type_oid,
       a.atttypmod as typmod,
       a.attnotnull as not_null,
       ${dialect.modernCatalogue ? NEWER_COLUMN : OLDER_COLUMN},
       case when a.attcollation <> ty.typcollation then pg_catalog.format('%I.%I', cn.nspname, co.collname) end as collation
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_type ty on ty.oid = a.atttypid
left join pg_catalog.pg_collation co on co.oid = a.attcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
order by a.attnum`,
  values: [schema, table],
});

/** The types of the columns and all they are made of: domains to their base, arrays to their elements. */
const catalogueTypes = (oids: readonly number[]): Statement => ({
  name: 'catalogueTypes',
  text: `with recursive needed (oid) as (
  select unnest($1::int8[]::oid[])
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
       (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid) as labels
from needed
join pg_catalog.pg_type t on t.oid = needed.oid
join pg_catalog.pg_namespace ns on ns.oid = t.typnamespace`,
  values: [oids],
});

const KINDS: Readonly<Record<string, ColumnType['kind']>> = {
  a: 'array',
  b: 'base',
  c: 'composite',
  e: 'enum',
  r: 'range',
  m: 'multirange',
  p: 'pseudo',
};

const RELATION_NAMES: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  i: 'an index',
  S: 'a sequence',
  c: 'a composite type',
};

/**
 * Reads what a task needs to know of its target.
 * @throws RelytError TABLE_NOT_FOUND, TABLE_UNSUPPORTED
 */
export async function readTargetTable(
  session: Session,
  dialect: Dialect,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<TargetTable> {
  const shown = `${schema}.${table}`;
  try {
    const [row] = await session.query<TableRow>(catalogueTable(dialect, schema, table));
    if (row === undefined) throw tableMissing(schema, table);
    if (row.is_external || (row.relkind !== 'r' && row.relkind !== 'p')) {
      const found = row.is_external
        ? 'an external table'
        : (RELATION_NAMES[row.relkind] ?? 'no table');
      throw new RelytError('TABLE_UNSUPPORTED', `${shown} is ${found}`, {
        details: { table: shown },
      });
    }
    const columns = await session.query<ColumnRow>(catalogueColumns(dialect, schema, table));
    const oids = [...new Set(columns.map((column) => column.type_oid))];
    const types = new Map(
      (await session.query<TypeRow>(catalogueTypes(oids))).map((type) => [type.oid, type]),
    );
    return {
      schema,
      name: table,
      kind: row.relkind === 'p' ? 'partitioned' : 'table',
      columns: columns.map((column) => targetColumn(column, types)),
      primaryKey: row.primary_key ?? [],
      keyDeferrable: row.key_deferrable ?? false,
    };
  } catch (error) {
    throw databaseError(error, `read the columns of ${shown}`, { table: shown });
  }
}

function tableMissing(schema: string, table: string): RelytError {
  const shown = `${schema}.${table}`;
  const [before, ...after] = table.split('.');
  const meant = `schema: '${before}', table: '${after.join('.')}'`;
  return new RelytError('TABLE_NOT_FOUND', `the table ${shown} does not exist`, {
    details: { table: shown },
    ...(after.length === 0 ? {} : { hint: `The schema is a setting of its own: ${meant}.` }),
  });
}

function targetColumn(row: ColumnRow, types: ReadonlyMap<number, TypeRow>): TargetColumn {
  return {
    name: row.name,
    sqlType: row.sql_type,
    type: resolveType(row.type_oid, row.typmod, types),
    notNull: row.not_null || domainIsNotNull(row.type_oid, types),
    hasDefault: row.has_default,
    identity: row.identity === 'a' ? 'always' : row.identity === 'd' ? 'by-default' : 'none',
    generated: row.generated !== '',
    deterministic: row.deterministic,
    ...(row.collation === null ? {} : { collation: row.collation }),
  };
}

/** Follows domains to their base type; the innermost type modifier that is set counts. */
function resolveType(oid: number, typmod: number, types: ReadonlyMap<number, TypeRow>): ColumnType {
  const type = types.get(oid);
  if (type === undefined) throw new RelytError('INTERNAL', `type ${oid} is not in the catalogue`);
  if (type.kind === 'd')
    return resolveType(type.base, typmod === -1 ? type.base_typmod : typmod, types);
  return {
    schema: type.schema,
    name: type.name,
    kind: KINDS[type.kind] ?? 'base',
    typmod,
    delimiter: type.delimiter,
    ...(type.kind === 'a' ? { element: resolveType(type.element, typmod, types) } : {}),
    ...(type.labels === null ? {} : { labels: type.labels }),
  };
}

function domainIsNotNull(oid: number, types: ReadonlyMap<number, TypeRow>): boolean {
  const type = types.get(oid);
  return (
    type !== undefined && type.kind === 'd' && (type.not_null || domainIsNotNull(type.base, types))
  );
}
