import { SQLSTATE } from '../core/sqlstate.ts';
import { doBlock, type Lines } from '../database/do-block.ts';
import type { Statement } from '../database/statement.ts';
import { applyList } from './apply-list.ts';
import {
  type ApplyStep,
  INSERTED,
  requireStatistics,
  SUM_VARIABLES,
  stepLines,
  WORK_VARIABLES,
} from './apply-step.ts';
import { tellCounts } from './counts.ts';
import { lockTargets } from './lock-targets.ts';
import type { InsertPlan } from './plan.ts';
import { recopyTouched } from './recopy.ts';
import { settleKeys } from './settle-keys.ts';
import { STAGED_ROWS, stageRows } from './staged-rows.ts';
import { reduceAndUpsert } from './upsert.ts';

/** Applies all rows of the plan's source in one block, which hands back the counts. */
export const applyBlock = (plan: InsertPlan, guard: Lines): Statement => {
  const steps = allRows(plan);
  return {
    name: 'applyRows',
    text: doBlock(
      [...SUM_VARIABLES, ...WORK_VARIABLES],
      [
        ...requireStatistics(steps),
        ...stepLines(steps, { guard }),
        tellCounts({
          read: 'n_read',
          winners: 'n_winners',
          written: 'n_written',
          inserted: INSERTED,
          rejected: '0',
        }),
      ],
    ),
  };
};

/** The steps of an import that is not isolated. */
export function allRows(plan: InsertPlan): readonly ApplyStep[] {
  const { mode, dialect, auxiliary } = plan;
  const inOneStatement = auxiliary === undefined && (mode === 'insert' || !dialect.distributed);
  return inOneStatement ? straight(plan) : staged(plan);
}

/** Where one statement does it all, it reads the files itself. */
function straight(plan: InsertPlan): readonly ApplyStep[] {
  const reduced = plan.mode === 'nothing' || (plan.mode === 'update' && plan.reduceKeys);
  return reduced ? [reduceAndUpsert(plan)] : applyList(plan, plan.source);
}

function staged(plan: InsertPlan): readonly ApplyStep[] {
  const { uniqueViolation, serializationFailure } = SQLSTATE;
  const refusal = plan.mode === 'insert' ? uniqueViolation : serializationFailure;
  return [
    ...stageRows(plan),
    ...lockTargets(plan),
    ...applyList(plan, STAGED_ROWS),
    ...recopyTouched(plan, STAGED_ROWS),
    ...settleKeys(plan, STAGED_ROWS, refusal),
  ];
}
