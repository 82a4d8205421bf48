import type { Dialect } from '../core/dialect.ts';
import type { ConflictMode } from '../core/import-counts.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { ident, qualified } from '../database/statement.ts';
import type { Routing } from './routes.ts';

/** The first column of every external table. A name no sensible table has, since target columns stand beside it. */
export const ORDINAL_COLUMN = 'relyt ordinal';
/** Columns our own tables have beside those of the target; none of these can be loaded. */
export const RESERVED_COLUMNS: readonly string[] = [ORDINAL_COLUMN, 'relyt n', 'relyt routed'];

export interface InsertPlan {
  readonly dialect: Dialect;
  readonly table: TargetTable;
  /** Staged columns in staged order. */
  readonly columns: readonly TargetColumn[];
  readonly mode: ConflictMode;
  /**
   * Reduce each key to its winner first. Left out as long as no import had a key twice, because the
   * database then refuses the plain statement (21000) and nothing is lost by trying.
   */
  readonly reduceKeys: boolean;
  /** Quoted name of the relation that holds the staged rows. */
  readonly source: string;
  /** Where an auxiliary table takes the rows of some groups; undefined when all go to the table. */
  readonly routing?: Routing | undefined;
}

export interface InsertStatement {
  readonly text: string;
  /**
   * True when the statement returns one row (read, winners, written); otherwise every row read is written
   * and the statement's own row count says how many.
   */
  readonly returnsCounts: boolean;
}

/** The statement that moves every row of the external table into the target. */
export function insertStatement(plan: InsertPlan): InsertStatement {
  const reduce = plan.mode === 'nothing' || (plan.mode === 'update' && plan.reduceKeys);
  return reduce
    ? { text: reducedUpsert(plan), returnsCounts: true }
    : { text: directInsert(plan), returnsCounts: false };
}

/** No RETURNING: it costs a fifth of the import. */
function directInsert(plan: InsertPlan): string {
  const conflict = plan.mode === 'insert' ? '' : `\n${onConflict(plan)}`;
  return `${insertInto(plan)}\nselect ${columnList(plan)} from ${plan.source}${conflict}`;
}

/** The last ordinal of a key wins an update, the first one wins `nothing` (G3). */
function reducedUpsert(plan: InsertPlan): string {
  const key = keyExpressions(plan, (column) => ident(column.name));
  const direction = plan.mode === 'update' ? 'desc' : 'asc';
  return `with staged as materialized (
  select * from ${plan.source}
), winner as materialized (
  select distinct on (${key}) * from staged order by ${key}, ${ident(ORDINAL_COLUMN)} ${direction}
), applied as (
  ${insertInto(plan)}
  select ${columnList(plan)} from winner
  ${onConflict(plan)}
  returning 1
)
select (select count(*) from staged) as read, (select count(*) from winner) as winners,
       (select count(*) from applied) as written`;
}

export function columnList(plan: InsertPlan): string {
  return plan.columns.map((column) => ident(column.name)).join(', ');
}

/** Like COPY, a value given for an identity column is taken, GENERATED ALWAYS or not. */
export function insertInto(plan: InsertPlan): string {
  return `insert into ${qualified(plan.table.schema, plan.table.name)} (${columnList(plan)})${overriding(plan)}`;
}

export function overriding({ columns }: Pick<InsertPlan, 'columns'>): string {
  return columns.some((column) => column.identity === 'always') ? ' overriding system value' : '';
}

/** The key of a staged row, as `distinct on` and `order by` must compare it: by the equality of the target's key (G3). */
export function keyExpressions(
  plan: InsertPlan,
  expression: (column: TargetColumn) => string,
): string {
  const key = new Set(plan.table.primaryKey);
  return plan.columns
    .filter((column) => key.has(column.name))
    .map((column) =>
      column.collation === undefined
        ? expression(column)
        : `${expression(column)} collate ${column.collation}`,
    )
    .join(', ');
}

function keyList(plan: InsertPlan): string {
  return plan.table.primaryKey.map(ident).join(', ');
}

export function onConflict(plan: InsertPlan): string {
  const key = keyList(plan);
  if (plan.mode === 'nothing' || leavesMatching(plan)) return `on conflict (${key}) do nothing`;
  return `on conflict (${key}) do update set ${updatedColumns(plan)
    .map((name) => `${ident(name)} = excluded.${ident(name)}`)
    .join(', ')}`;
}

/** A table of nothing but its key still needs one assignment, so that existing rows are counted. */
function updatedColumns(plan: InsertPlan): readonly string[] {
  const updated = nonKeyColumns(plan);
  return updated.length > 0 ? updated : plan.table.primaryKey.slice(0, 1);
}

/** Where rows live on segments, a key must not be set, to itself neither: a table of nothing else has no update. */
export function leavesMatching(plan: InsertPlan): boolean {
  return plan.dialect.distributed && nonKeyColumns(plan).length === 0;
}

/** Staged columns that an update of an existing row sets. */
export function nonKeyColumns(plan: InsertPlan): readonly string[] {
  const key = new Set(plan.table.primaryKey);
  return plan.columns
    .filter((column) => !key.has(column.name) && column.identity !== 'always')
    .map((column) => column.name);
}
