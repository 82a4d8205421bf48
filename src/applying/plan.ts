import type { AuxiliaryTarget } from '../core/auxiliary-target.ts';
import type { Dialect } from '../core/dialect.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { UpsertWay } from '../core/upsert-way.ts';
import { ident, qualified } from '../database/statement.ts';

/** What an import does with its staged rows: all that its statements are made from. */
export interface InsertPlan {
  readonly dialect: Dialect;
  readonly table: TargetTable;
  /** Staged columns in staged order. */
  readonly columns: readonly TargetColumn[];
  readonly mode: ConflictMode;
  /** The only columns that an update sets; undefined for all that are not part of the key. */
  readonly updateColumns?: readonly string[] | undefined;
  /**
   * Reduce each key to its winner first, and count before triggers run. Left out as long as no import had a key
   * twice, nor triggers that change the table, because the plain statement is then refused (21000, RL003) and nothing
   * is lost by trying.
   */
  readonly reduceKeys: boolean;
  /** How an update is made where keys are not reduced, on a server that has both ways. */
  readonly upsertBy: UpsertWay;
  /** The relation that holds the staged rows, as SQL takes it behind `from`: a name, or a query in parentheses. */
  readonly source: string;
  /** The table that takes the rows of some groups; undefined when all go to `table`. */
  readonly auxiliary?: AuxiliaryTarget | undefined;
}

/** Quoted. */
export function nameOf({ schema, name }: Pick<TargetTable, 'schema' | 'name'>): string {
  return qualified(schema, name);
}

export function columnList({ columns }: Pick<InsertPlan, 'columns'>): string {
  return columns.map((column) => ident(column.name)).join(', ');
}

/** Like COPY, a value given for an identity column is taken, GENERATED ALWAYS or not. */
export function insertInto(plan: InsertPlan): string {
  return `insert into ${nameOf(plan.table)}${alias(plan)} (${columnList(plan)})${overriding(plan)}`;
}

/** ON CONFLICT calls the row that was to be inserted `excluded`: a table of that name must go by another one. */
function alias({ table, mode, dialect }: InsertPlan): string {
  const isTaken = table.name === 'excluded' && mode !== 'insert' && dialect.onConflict;
  return isTaken ? ` as ${ident('relyt target')}` : '';
}

export function overriding({ columns }: Pick<InsertPlan, 'columns'>): string {
  return columns.some((column) => column.identity === 'always') ? ' overriding system value' : '';
}

/**
 * The key of a staged row, as `distinct on` and `order by` must compare it: by the equality of the target's key (G3).
 * They take NULLs for equal. Where the key does not, a row with one is told from all others by its ordinal (G2).
 */
export function keyExpressions({ columns, table }: InsertPlan): string {
  const key = new Set(table.key);
  const keyed = columns.filter(({ name }) => key.has(name));
  const expressions = keyed.map(({ name, collation }) =>
    collation === undefined ? ident(name) : `${ident(name)} collate ${collation}`,
  );
  if (table.nullsInKey === 'distinct') {
    const anyNull = keyed.map(isNull).join(' or ');
    expressions.push(`case when ${anyNull} then ${ident(ORDINAL_COLUMN)} end`);
  }
  return expressions.join(', ');
}

/** A composite value whose fields are all NULL is none itself. With the word NULL this compares no type. */
function isNull({ name, type }: TargetColumn): string {
  return type.kind === 'composite'
    ? `${ident(name)} is not distinct from null`
    : `${ident(name)} is null`;
}

export function onConflict(plan: InsertPlan): string {
  const key = plan.table.key.map(ident).join(', ');
  if (plan.mode === 'nothing' || leavesMatching(plan)) return `on conflict (${key}) do nothing`;
  return `on conflict (${key}) do update set ${updatedColumns(plan)
    .map((name) => `${ident(name)} = excluded.${ident(name)}`)
    .join(', ')}`;
}

/** A table that has only key columns still needs one assignment, so that existing rows are counted. */
export function updatedColumns(plan: InsertPlan): readonly string[] {
  const updated = nonKeyColumns(plan);
  return updated.length > 0 ? updated : plan.table.key.slice(0, 1);
}

/** Where rows live on segments, a key must not be set, to itself neither: a table of nothing else has no update. */
export function leavesMatching(plan: InsertPlan): boolean {
  return plan.dialect.distributed && nonKeyColumns(plan).length === 0;
}

/** Staged columns that an update of an existing row sets. */
export function nonKeyColumns({ table, columns, updateColumns }: InsertPlan): readonly string[] {
  const key = new Set(table.key);
  return columns
    .filter((column) => !key.has(column.name) && column.identity !== 'always')
    .map((column) => column.name)
    .filter((name) => updateColumns?.includes(name) ?? true);
}

export function isKeyStaged({ columns, table }: InsertPlan): boolean {
  const names = new Set(columns.map((column) => column.name));
  return table.key.length > 0 && table.key.every((name) => names.has(name));
}
