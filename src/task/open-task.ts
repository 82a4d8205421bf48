import { Committed } from '../core/committed.ts';
import type { RejectBudget } from '../core/reject-budget.ts';
import type { SourcePlace } from '../core/source-place.ts';
import type { Writer } from '../core/writer.ts';
import { Lease } from '../database/lease.ts';
import { heartbeat } from '../database/statements/lease.ts';
import { Patience } from './patience.ts';
import { type LoadPlan, targetName } from './plan-load.ts';
import { SafeEmitter } from './safe-emitter.ts';
import { TaskEnd } from './task-end.ts';
import { TaskLedger } from './task-ledger.ts';
import { TaskLog } from './task-log.ts';
import type { TaskTally } from './task-tally.ts';

/** A task whose lease this process holds. */
export interface HeldTask {
  readonly plan: LoadPlan;
  readonly writer: Writer;
  /** What is known to be committed of it. */
  readonly committed: Committed;
  readonly ledger: TaskLedger;
  readonly emitter: SafeEmitter;
  readonly end: TaskEnd;
}

/** The newest of what a task numbers: it goes on from there. */
interface LastNumbers {
  readonly fileId: number;
  /** Files up to that one. */
  readonly files: number;
  readonly generation: number;
  readonly importId: number;
}

/** A task that can be given records. */
export interface OpenTask extends HeldTask {
  readonly tally: TaskTally;
  readonly rejects: RejectBudget;
  readonly last: LastNumbers;
  /** Where the source is to be replayed from; undefined for a new task or one that stored no position. */
  readonly position: unknown;
  readonly source: SourcePlace;
  /** Names of the columns that a resumed task has staged so far; undefined while there are none. */
  readonly stagedColumns: readonly string[] | undefined;
}

/** From here on the lease is kept alive, and `end` is what closes the plan. */
export function holdTask(
  plan: LoadPlan,
  writer: Writer,
  { ledger, committed } = newLedger(plan, writer),
): HeldTask {
  const { database, config } = plan;
  const log = config.logger && new TaskLog(config.logger, plan.processId);
  const { engine } = plan.engine.profile;
  log?.begun({ table: targetName(plan), engine, resumed: writer.epoch > 1 });
  const emitter = new SafeEmitter(log);
  const beat = heartbeat(writer);
  const lease = new Lease(database, { seconds: config.leaseSeconds, beat });
  // Who looks for a connection of this process soon finds one again.
  database.whenConnectionLost(() => lease.beatNow());
  const end = new TaskEnd({ plan, writer, ledger, lease, emitter });
  return { plan, writer, committed, ledger, emitter, end };
}

/** A database that goes away is waited for as long as an import may take. */
export function newLedger(
  { database, table, limits, repertoire }: LoadPlan,
  writer: Writer,
): Pick<HeldTask, 'ledger' | 'committed'> {
  const committed = new Committed();
  const { importTimeoutSeconds: seconds, importErrorSleepSeconds: maxPauseSeconds } = limits;
  const patience = new Patience(writer.processId, { seconds, maxPauseSeconds });
  const ledger = new TaskLedger(database, writer, { table, committed, patience, repertoire });
  return { ledger, committed };
}
