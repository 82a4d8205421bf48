import type { SQLSTATE } from '../core/sqlstate.ts';
import type { Transaction } from '../database/session.ts';
import { lockKeys, tasksLoading } from '../database/statements/routed-import.ts';
import { keyInBoth } from './cross-table.ts';
import type { InsertPlan } from './insert-statement.ts';
import { routesOf } from './routes.ts';

/** A key that stands in both tables refuses the record, or asks for another attempt of the import. */
type Refusal = typeof SQLSTATE.uniqueViolation | typeof SQLSTATE.serializationFailure;

/**
 * The last step of an import into two tables: makes sure that no other import has written one of its keys to the other
 * table meanwhile, which no constraint knows. Imports take turns from here to their commit, so that the second of two
 * sees what the first one wrote. `staged` are the rows of the import with their route.
 * @throws an error of this SQLSTATE: there is such a key
 */
export async function settleKeys(
  transaction: Transaction,
  plan: InsertPlan,
  { staged, sqlstate }: { readonly staged: string; readonly sqlstate: Refusal },
): Promise<void> {
  const checks = checksOf(plan, staged);
  if (checks.length === 0) return;
  await transaction.execute(lockKeys(tableOf(plan)));
  if (isOrdered(plan)) {
    const [loading] = await transaction.query<{ tasks: number }>(tasksLoading(tableOf(plan)));
    if (loading === undefined || loading.tasks < 2) return;
  }
  for (const text of checks) {
    const [row] = await transaction.query<{ found: number }>({ text });
    if ((row?.found ?? 0) > 0) throw keyInOtherTable(sqlstate);
  }
}

/**
 * The same at the beginning, for an import that cannot tell in the end which rows are its own: whoever had its turn
 * before has committed and is seen, and whoever comes after sees this one.
 */
export async function takeTurn(
  transaction: Transaction,
  plan: InsertPlan,
  staged: string,
): Promise<void> {
  if (checksOf(plan, staged).length > 0) await transaction.execute(lockKeys(tableOf(plan)));
}

/** Statements that count keys in both tables; none where there can be no such key. */
function checksOf(plan: InsertPlan, staged: string): readonly string[] {
  // A cluster's imports have locked both tables.
  if (isOrdered(plan) && plan.dialect.distributed) return [];
  return routesOf(plan, staged).flatMap((route) => keyInBoth(route) ?? []);
}

/** Lanes keep the keys of a task apart. */
function isOrdered({ mode }: InsertPlan): boolean {
  return mode !== 'insert';
}

function tableOf({ table }: InsertPlan): string {
  return `${table.schema}.${table.name}`;
}

function keyInOtherTable(code: string): Error {
  const message = 'the key exists already in the other table of the routing';
  return Object.assign(new Error(message), { code });
}
