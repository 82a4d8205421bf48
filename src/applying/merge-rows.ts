import { ident } from '../database/statement.ts';
import type { ApplyStep } from './apply-step.ts';
import { equalKey, ownKey } from './equal-key.ts';
import { columnList, type InsertPlan, nameOf, overriding, updatedColumns } from './plan.ts';
import { rowStatistics } from './row-statistics.ts';

/**
 * MERGE asks the planner for a join. Each staged row has to look its key up by the index: any other join would read all
 * of a target that may be huge, and statistics, which decide, may be missing or old. Code that the table runs meanwhile,
 * its checks and defaults, is planned by the same settings; a table with triggers is none for MERGE.
 */
const KEY_BY_INDEX: Readonly<Record<string, 'on' | 'off'>> = {
  enable_nestloop: 'on',
  enable_indexscan: 'on',
  enable_partition_pruning: 'on',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_memoize: 'off',
  // Of a table that was empty when it was analyzed, all rows would be kept, and read again for each staged one.
  enable_material: 'off',
  // A plan that is off but must be used costs very much, which would trigger a compilation.
  jit: 'off',
};

/**
 * Rows that are new cost less than by ON CONFLICT, which inserts each one provisionally. A key that comes twice, or that
 * another session inserts meanwhile, is refused (21000, 23505): the import goes on by ON CONFLICT then.
 */
export function mergeRows(plan: InsertPlan, rows: string): ApplyStep {
  const straight = rows === plan.source;
  return {
    name: 'merge',
    text: mergeInto(plan, rows),
    result: { touches: straight ? ['read', 'winners', 'written'] : ['written'] },
    statistics: rowStatistics(plan),
    readsFiles: straight,
    firesCode: true,
    settings: KEY_BY_INDEX,
  };
}

function mergeInto(plan: InsertPlan, rows: string): string {
  const { table, columns } = plan;
  // Like INSERT, not into tables that inherit from it.
  const only = table.kind === 'table' ? 'only ' : '';
  const assignments = updatedColumns(plan).map((name) => `${ident(name)} = w.${ident(name)}`);
  const values = columns.map(({ name }) => `w.${ident(name)}`);
  return `merge into ${only}${nameOf(table)} t using ${rows} w on ${equalKey(plan, ownKey(plan), 't')}
when matched then update set ${assignments.join(', ')}
when not matched then insert (${columnList(plan)})${overriding(plan)} values (${values.join(', ')})`;
}
