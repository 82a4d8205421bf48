import { ident, qualified } from '../database/statement.ts';
import { equalKey, ownKey } from './equal-key.ts';
import { type InsertPlan, insertInto, nonKeyColumns } from './insert-statement.ts';

/**
 * Upserts in steps, for databases that have no ON CONFLICT or cannot say which rows were there before. `winners` is
 * a relation in SQL (a name, or a query in parentheses) that holds each key once.
 *
 * An update and an insert, not a deletion and an insert: columns that are not staged keep their values.
 */

/** Rows of the target whose key stands among the winners. */
export function countMatching(plan: InsertPlan, winners: string): string {
  return `select count(*) as found from ${winners} w join ${target(plan)} t on ${sameKey(plan)}`;
}

/** Undefined for a table of nothing but its key, where there is nothing to set. */
export function updateMatching(plan: InsertPlan, winners: string): string | undefined {
  const columns = nonKeyColumns(plan).map(ident);
  if (columns.length === 0) return undefined;
  const assignments = columns.map((name) => `${name} = w.${name}`).join(', ');
  return `update ${target(plan)} t set ${assignments} from ${winners} w where ${sameKey(plan)}`;
}

export function insertMissing(plan: InsertPlan, winners: string): string {
  const columns = plan.columns.map((column) => `w.${ident(column.name)}`).join(', ');
  return `${insertInto(plan)}
select ${columns} from ${winners} w
where not exists (select 1 from ${target(plan)} t where ${sameKey(plan)})`;
}

/**
 * Keeps other writers out where what is missing now must still be missing when it is inserted. Where a change locks a
 * whole table, two imports that change two tables would wait for each other: both are locked before, in one order.
 */
export function lockTargets(plan: InsertPlan): string | undefined {
  const { dialect, mode, routing } = plan;
  if (mode === 'insert') return undefined;
  const isNeeded = !dialect.onConflict || (routing !== undefined && dialect.distributed);
  if (!isNeeded) return undefined;
  const other = routing === undefined ? '' : `, ${target({ table: routing.auxiliary })}`;
  return `lock table ${target(plan)}${other} in exclusive mode`;
}

function target({ table }: Pick<InsertPlan, 'table'>): string {
  return qualified(table.schema, table.name);
}

function sameKey(plan: InsertPlan): string {
  return equalKey(plan, ownKey(plan), 't');
}
