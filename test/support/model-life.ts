/** What happens to a model of a load, one life after the other, and the real recovery in between. */

import { planRecovery, type RecoveryAction } from '../../src/core/recovery.ts';
import type { LoaderModel } from './loader-model.ts';

/** One epoch of a task: what it does until it dies, and how far the recovery after it gets before it dies too. */
export interface Epoch {
  readonly picks: readonly number[];
  readonly interruptedAfter: number;
  /** Whether requests of the dead process reach S3 after that. */
  readonly late: boolean;
  /** What the database loses with it: its newest commits, or the rows of the target. */
  readonly loses: { readonly commits: number } | 'rows' | 'nothing';
}

export function plan(model: LoaderModel): RecoveryAction[] {
  return planRecovery([...model.rows.values()], model.found(), model);
}

export function recover(model: LoaderModel): void {
  for (const action of plan(model)) model.apply(action);
  model.committed();
}

/** Up to its death. */
export function play(model: LoaderModel, { picks, loses }: Epoch): void {
  for (const pick of picks) {
    const steps = model.steps();
    steps[pick % steps.length]?.();
    model.committed();
  }
  if (loses === 'rows') model.loseTable();
  else if (loses !== 'nothing') model.goBack(loses.commits);
}

/** Up to the moment at which the next epoch may begin, through a recovery that died. */
export function liveThrough(model: LoaderModel, epoch: Epoch): void {
  play(model, epoch);
  const firstActions = plan(model).slice(0, epoch.interruptedAfter);
  for (const action of firstActions) model.apply(action);
  if (epoch.late) model.arriveLate();
  recover(model);
  model.restart();
}
