import { RejectBudget } from '../core/reject-budget.ts';
import { SourcePlace } from '../core/source-place.ts';
import { asRelytError } from '../core/task-failure.ts';
import { databaseError } from '../database/database-error.ts';
import { VERSION } from '../version.ts';
import type { KeyClaim } from './keyed-task.ts';
import { holdTask, newLedger, type OpenTask } from './open-task.ts';
import { type LoadPlan, targetName } from './plan-load.ts';
import { prepareLoad } from './prepare-load.ts';
import { storedSettings } from './stored-settings.ts';
import { TaskTally } from './task-tally.ts';

/**
 * Begins a new task as planned: its rows are written. On failure nothing stays open.
 * @param key to find it by
 * @throws RelytError KEY_TAKEN when another task has the key
 */
export async function beginTask(plan: LoadPlan, key?: KeyClaim): Promise<OpenTask> {
  const { processId, owner, config, engine, staging, presence, reading } = plan;
  const writer = { processId, epoch: 1, owner };
  try {
    await prepareLoad(plan);
    const written = newLedger(plan, writer);
    await written.ledger.start(
      {
        processId,
        pgTable: targetName(plan),
        engine: engine.profile.engine,
        owner,
        leaseSeconds: config.leaseSeconds,
        settings: storedSettings({ config, staging, reading, engine: engine.profile.engine }),
        sdkVersion: VERSION,
      },
      { presence, key },
    );
    return {
      ...holdTask(plan, writer, written),
      tally: new TaskTally(),
      rejects: new RejectBudget(config.maxErrorRecords),
      last: { fileId: 0, files: 0, generation: 0, importId: 0 },
      position: undefined,
      source: new SourcePlace(),
      stagedColumns: undefined,
    };
  } catch (error) {
    await plan.close();
    throw asRelytError(databaseError(error, 'begin a task', { processId }));
  }
}
