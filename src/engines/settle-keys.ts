import type { Transaction } from '../database/database.ts';
import { lockKeys, tasksLoading } from '../database/statements/routed-import.ts';
import { keyInBoth } from './cross-table.ts';
import type { InsertPlan } from './insert-statement.ts';
import { routesOf } from './routes.ts';

/**
 * The last step of an import into two tables: makes sure that no other import has written one of its keys to the other
 * table meanwhile, which no constraint knows. Imports take turns from here to their commit, so that the second of two
 * sees what the first one wrote. `staged` are the rows of the import with their route.
 * @throws an error of this SQLSTATE: there is such a key
 */
export async function settleKeys(
  transaction: Transaction,
  plan: InsertPlan,
  { staged, sqlstate }: { readonly staged: string; readonly sqlstate: '23505' | '40001' },
): Promise<void> {
  // Lanes keep the keys of a task apart, and a cluster's imports have locked both tables.
  const isOrdered = plan.mode !== 'insert';
  if (isOrdered && plan.dialect.distributed) return;
  const checks = routesOf(plan, staged).map(keyInBoth);
  if (checks.every((check) => check === undefined)) return;
  const { schema, name } = plan.table;
  const table = `${schema}.${name}`;
  await transaction.execute(lockKeys(table));
  if (isOrdered) {
    const [loading] = await transaction.query<{ tasks: number }>(tasksLoading(table));
    if (loading === undefined || loading.tasks < 2) return;
  }
  for (const text of checks) {
    if (text === undefined) continue;
    const [row] = await transaction.query<{ found: number }>({ text });
    if ((row?.found ?? 0) > 0) throw keyInOtherTable(sqlstate);
  }
}

function keyInOtherTable(code: string): Error {
  const message = 'the key exists already in the other table of the routing';
  return Object.assign(new Error(message), { code });
}
