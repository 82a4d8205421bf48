import type { UniqueKey } from '../core/chosen-key.ts';
import { inOrder } from '../core/in-order.ts';
import type { ColumnType, TargetColumn, TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { databaseError } from './database-error.ts';
import type { Reader } from './session.ts';
import {
  type ColumnRow,
  catalogueColumns,
  catalogueTable,
  catalogueTypes,
  type TableRow,
  type TypeRow,
} from './statements/catalogue.ts';
import { type UniqueKeyRow, uniqueKeys } from './statements/unique-keys.ts';

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
 * The unique keys of a table, by one of which a conflict may be decided.
 * @throws RelytError DATABASE_…
 */
export async function readUniqueKeys(
  session: Reader,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<UniqueKey[]> {
  try {
    const rows = await session.query<UniqueKeyRow>(uniqueKeys(schema, table));
    return rows.map((row) => ({
      columns: row.columns ?? undefined,
      unsuitable: whyUnsuitable(row),
      nullsEqual: row.nulls_equal,
    }));
  } catch (error) {
    const shown = `${schema}.${table}`;
    throw databaseError(error, `read the unique keys of ${shown}`, { table: shown });
  }
}

function whyUnsuitable(row: UniqueKeyRow): string | undefined {
  if (row.columns === null) return 'has expressions';
  if (row.partial) return 'is partial: rows outside of it may be the same';
  if (row.deferrable) return 'is deferrable, so no conflict can be decided by it';
  if (row.invalid) return 'is not valid: its build has not ended, or failed';
  if (row.own_equality) return 'has an operator class or a collation of its own';
  return undefined;
}

/**
 * Reads what a task needs to know of its target.
 * @throws RelytError TABLE_NOT_FOUND, TABLE_UNSUPPORTED
 */
export async function readTargetTable(
  session: Reader,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<TargetTable> {
  const shown = `${schema}.${table}`;
  try {
    const [[row], columns, types] = await inOrder([
      session.query<TableRow>(catalogueTable(schema, table)),
      session.query<ColumnRow>(catalogueColumns(schema, table)),
      session.query<TypeRow>(catalogueTypes(schema, table)),
    ]);
    if (row === undefined) throw tableMissing(schema, table);
    checkKind(row, shown);
    const byOid = new Map(types.map((type) => [type.oid, type]));
    return {
      schema,
      name: table,
      kind: row.relkind === 'p' ? 'partitioned' : 'table',
      columns: columns.map((column) => targetColumn(column, byOid)),
      primaryKey: row.primary_key ?? [],
      key: row.primary_key ?? [],
      keyDeferrable: row.key_deferrable ?? false,
    };
  } catch (error) {
    throw databaseError(error, `read the columns of ${shown}`, { table: shown });
  }
}

function checkKind(row: TableRow, shown: string): void {
  if (row.is_external || (row.relkind !== 'r' && row.relkind !== 'p')) {
    const found = row.is_external
      ? 'an external table'
      : (RELATION_NAMES[row.relkind] ?? 'not a table');
    throw new RelytError('TABLE_UNSUPPORTED', `${shown} is ${found}.`, {
      details: { table: shown },
    });
  }
  if (row.is_unlogged) throw unloggedOnSegments(shown);
}

/** A segment that crashes empties its part, and nothing tells which rows those were (G1). */
function unloggedOnSegments(shown: string): RelytError {
  return new RelytError(
    'TABLE_UNSUPPORTED',
    `${shown} is unlogged, or one of its partitions is: a segment that crashes empties its part of it.`,
    {
      details: { table: shown },
      hint: 'Load an ordinary table, and copy its rows into the unlogged one afterwards.',
    },
  );
}

function tableMissing(schema: string, table: string): RelytError {
  const shown = `${schema}.${table}`;
  const [before, ...after] = table.split('.');
  const meant = `schema: '${before}', table: '${after.join('.')}'`;
  return new RelytError('TABLE_NOT_FOUND', `The table ${shown} does not exist.`, {
    details: { table: shown },
    ...(after.length === 0 ? {} : { hint: `Give the schema as a setting of its own: ${meant}.` }),
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
  if (type === undefined)
    throw new RelytError('INTERNAL', `The type ${oid} is not in the catalogue.`);
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
    ...(type.operators ? { operators: type.operators } : {}),
  };
}

function domainIsNotNull(oid: number, types: ReadonlyMap<number, TypeRow>): boolean {
  const type = types.get(oid);
  return (
    type !== undefined && type.kind === 'd' && (type.not_null || domainIsNotNull(type.base, types))
  );
}
