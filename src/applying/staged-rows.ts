import { ROUTED_COLUMN } from '../core/reserved-columns.ts';
import { ident } from '../database/statement.ts';
import type { ApplyStep } from './apply-step.ts';
import type { InsertPlan } from './plan.ts';
import { withRoute } from './routes.ts';
import { analyze, holdAutomaticStatistics } from './statistics.ts';
import { countWinners, winnersOf } from './winners.ts';

/** What the steps apply, each key once. */
const STAGED = 'relyt_loader_staged';
/** What was read, where it must be reduced. */
const READ = 'relyt_loader_read';

/** Quoted as SQL takes it. */
export const STAGED_ROWS = `pg_temp.${STAGED}`;

/**
 * Steps that bring the rows of the files into a temporary table, with their route, and reduce them to the winner of
 * each key. For rows that take more than one statement, because the files can be read only once: those that go to two
 * tables, and keyed ones on segments, where a statement changes one table at a time and its CTEs none.
 */
export function stageRows(plan: InsertPlan): readonly ApplyStep[] {
  if (plan.mode === 'insert') return [stage(plan, STAGED, ['read', 'winners'])];
  // Keys are counted first only where most imports have none twice, and counting costs less than writing all again.
  if (!plan.reduceKeys && !plan.dialect.distributed) {
    const twice = { when: 'n_winners < n_read' } as const;
    return [
      stage(plan, STAGED, ['read']),
      countWinners(plan, STAGED_ROWS),
      { name: 'set aside', text: `alter table ${STAGED_ROWS} rename to ${READ}`, ...twice },
      { ...reduce(plan), ...twice },
    ];
  }
  const { text, name } = reduce(plan);
  return [
    ...holdAutomaticStatistics(plan.dialect),
    stage(plan, READ, ['read']),
    { name, text, result: { touches: ['winners'] } },
    ...(plan.dialect.distributed ? [analyze(STAGED_ROWS)] : []),
  ];
}

function stage(
  plan: InsertPlan,
  table: string,
  touches: readonly ('read' | 'winners')[],
): ApplyStep {
  return {
    name: 'stage',
    text: createTable(plan, table, `select s.* from ${withRoute(plan, plan.source)} s`),
    result: { touches },
    readsFiles: true,
    firesCode: true,
  };
}

function reduce(plan: InsertPlan): ApplyStep {
  const routes = plan.auxiliary === undefined ? [] : [ROUTED_COLUMN];
  return {
    name: 'reduce',
    text: createTable(plan, STAGED, winnersOf(plan, `pg_temp.${READ}`, routes)),
  };
}

function createTable(plan: InsertPlan, table: string, rows: string): string {
  return `create temporary table ${table}${plan.dialect.temporaryKind} on commit drop as
${rows}${distribution(plan)}`;
}

/** By the key, where there is one: rows then are on the segment that holds those they meet. */
function distribution({ dialect, mode, table }: InsertPlan): string {
  if (!dialect.distributed) return '';
  const key = mode === 'insert' ? [] : table.key;
  return key.length > 0
    ? ` distributed by (${key.map(ident).join(', ')})`
    : ' distributed randomly';
}
