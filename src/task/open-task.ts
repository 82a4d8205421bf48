import { randomUUID } from 'node:crypto';
import type { BulkProcessorConfig, ResolvedConfig } from '../config.ts';
import { RejectBudget } from '../core/reject-budget.ts';
import type { TargetTable } from '../core/target-table.ts';
import { asRelytError } from '../core/task-failure.ts';
import { Lease } from '../database/lease.ts';
import type { Writer } from '../database/statements/file.ts';
import { heartbeat } from '../database/statements/lease.ts';
import type { SafeEmitter } from '../events.ts';
import { VERSION } from '../version.ts';
import { beginLoad, type TaskStart } from './begin-load.ts';
import type { LoadTask } from './load-task.ts';
import { Patience } from './patience.ts';
import { recordedSettings } from './recorded-settings.ts';
import { TaskLedger } from './task-ledger.ts';
import { TaskTally } from './task-tally.ts';
import { openWorld, type TaskWorld } from './task-world.ts';

/** A task that is recorded, belongs to this process, and has not been given a record yet. */
export interface Opening {
  readonly processId: string;
  readonly config: ResolvedConfig;
  readonly table: TargetTable;
  readonly ledger: TaskLedger;
  readonly tally: TaskTally;
  readonly rejects: RejectBudget;
  /** Where the source is to be replayed from; undefined for a new task or one that stored no position. */
  readonly position: unknown;
  /** The first record decides the staged columns, and with them everything else. */
  begin(first: unknown): LoadTask;
  close(): Promise<void>;
}

/** A new task. On failure nothing stays open. */
export async function openTask(given: BulkProcessorConfig, emitter: SafeEmitter): Promise<Opening> {
  const processId = randomUUID();
  const world = await openWorld(given, processId);
  try {
    const ledger = newLedger(world, { processId, epoch: 1 });
    const { config, table, engine, s3 } = world;
    await ledger.start({
      processId,
      pgTable: `${table.schema}.${table.name}`,
      engine: engine.profile.engine,
      owner: world.owner,
      leaseSeconds: config.leaseSeconds,
      settings: recordedSettings({ config, s3, engine: engine.profile.engine }),
      sdkVersion: VERSION,
    });
    const writer = { processId, epoch: 1 };
    return openingOf(world, {
      writer,
      ledger,
      lease: taskLease(world, writer),
      emitter,
      tally: new TaskTally(),
      rejects: new RejectBudget(config.maxErrorRecords),
      lastFileId: 0,
      lastGeneration: 0,
      lastImportId: 0,
    });
  } catch (error) {
    await world.close();
    throw asRelytError(error);
  }
}

/** `before` is what a resumed task had come to. */
export function openingOf(
  world: TaskWorld,
  start: TaskStart,
  before: { readonly position?: unknown; readonly staged?: readonly string[] | undefined } = {},
): Opening {
  const { config, table } = world;
  let closed: Promise<void> | undefined;
  return {
    processId: start.writer.processId,
    config,
    table,
    ledger: start.ledger,
    tally: start.tally,
    rejects: start.rejects,
    position: before.position,
    begin(first) {
      return beginLoad(world, start, { first, staged: before.staged });
    },
    close() {
      closed ??= start.lease.stop().then(() => world.close());
      return closed;
    },
  };
}

export function taskLease({ database, config }: TaskWorld, { processId, epoch }: Writer): Lease {
  const beat = heartbeat(processId, epoch);
  return new Lease(database, { seconds: config.leaseSeconds, beat });
}

/** A database that goes away is waited for as long as an import may take. */
export function newLedger({ database, s3 }: TaskWorld, writer: Writer): TaskLedger {
  const limits = { seconds: s3.importTimeoutSeconds, maxPauseSeconds: s3.importErrorSleepSeconds };
  return new TaskLedger(database, writer, new Patience(limits));
}
