import { SQLSTATE } from '../core/sqlstate.ts';
import { literal } from '../database/statement.ts';
import type { ApplyStep } from './apply-step.ts';
import { keyInBoth } from './other-table.ts';
import type { InsertPlan } from './plan.ts';
import { routesOf } from './routes.ts';

/**
 * A key that is in both tables refuses a record, as the database would, had the two one constraint (an isolation
 * then finds it), or lets the import begin again.
 */
type KeyRefusal = typeof SQLSTATE.uniqueViolation | typeof SQLSTATE.serializationFailure;

/** Numbers of our advisory locks: one for each routed table. */
const KEYS_LOCK = 7_235_895;

/**
 * The last steps of an import into two tables: they make sure that no other import has written one of its keys to the
 * other table meanwhile, which no constraint knows. Imports take turns from here to their commit, so that the second
 * of two sees what the first one wrote. `staged` are the rows of the import with their route.
 */
export function settleKeys(
  plan: InsertPlan,
  staged: string,
  sqlstate: KeyRefusal,
): readonly ApplyStep[] {
  const checks = refuseKeysInBoth(plan, staged, sqlstate);
  if (checks.length === 0) return [];
  if (!isOrdered(plan)) return [takeTurn(plan), ...checks];
  const ifNotAlone = checks.map((check) => ({ ...check, when: 'n_tasks > 1' }) as const);
  return [takeTurn(plan), countTasks(plan), ...ifNotAlone];
}

/**
 * The same at the beginning, for an import that cannot tell in the end which rows are its own: an import that had its
 * turn before has committed and is seen, and one that comes after sees this one.
 */
export function takeTurnFirst(plan: InsertPlan, staged: string): readonly ApplyStep[] {
  return refuseKeysInBoth(plan, staged, SQLSTATE.uniqueViolation).length > 0
    ? [takeTurn(plan)]
    : [];
}

/** Steps that look for keys in both tables; none where there can be no such key. */
export function refuseKeysInBoth(
  plan: InsertPlan,
  staged: string,
  sqlstate: KeyRefusal,
): readonly ApplyStep[] {
  // A cluster's imports have locked both tables.
  if (isOrdered(plan) && plan.dialect.distributed) return [];
  const message = 'the key exists already in the other table of the routing';
  return routesOf(plan, staged).flatMap((route) => {
    const text = keyInBoth(route);
    if (text === undefined) return [];
    const result = { refuses: { sqlstate, message } };
    return [{ name: 'look for keys in both tables', text, result, firesCode: true }];
  });
}

/** From here to their commit, imports into one routed table go one after the other. */
function takeTurn(plan: InsertPlan): ApplyStep {
  return {
    name: 'take turns',
    text: `select pg_advisory_xact_lock(${KEYS_LOCK}, hashtext(${shownName(plan)}))`,
  };
}

/** Those of other roles count, too: the function tells their number, and nothing else of them. */
function countTasks(plan: InsertPlan): ApplyStep {
  return {
    name: 'count the tasks that load the table',
    text: `select relyt_sys.relyt_loader_task_count(${shownName(plan)}) as tasks`,
    result: { finds: 'tasks' },
  };
}

/** Lanes keep the keys of a task apart. */
function isOrdered({ mode }: InsertPlan): boolean {
  return mode !== 'insert';
}

/** As tasks spell it, as a literal. */
function shownName({ table }: InsertPlan): string {
  return literal(`${table.schema}.${table.name}`);
}
