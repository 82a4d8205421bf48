import { setTimeout as delay } from 'node:timers/promises';
import { type HolderLook, type HolderVerdict, holderVerdict, isFree } from '../core/holder.ts';
import { restoredTask } from '../core/storable-json.ts';
import type { Database } from '../database/database.ts';
import { readTask, type TaskRow } from '../database/statements/lease.ts';
import { RelytError } from '../errors.ts';
import { applicationNameOf } from './take-over.ts';

const LOOK_EVERY_MS = 500;
/** A process that was killed just now may take so long to leave the database, in the middle of an import too. */
const LEAVING_MS = 1_000;

export interface WatchOptions {
  /** The task as the caller has just read it; read here where it is not given. */
  readonly row?: TaskRow | undefined;
  /** How long to wait for a process that holds the task; default 0. */
  readonly waitSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A task, and whether its lease can be taken. */
export interface WatchedTask {
  readonly row: TaskRow;
  readonly verdict: HolderVerdict;
}

/**
 * Looks at the process that holds a task until it is clear that the task can be taken, or until the wait is over.
 * Undefined when there is no such task.
 */
export async function watchHolder(
  database: Database,
  processId: string,
  { row: read, waitSeconds = 0, signal }: WatchOptions = {},
): Promise<WatchedTask | undefined> {
  const began = performance.now();
  const taskRow = async () => (await database.query<TaskRow>(readTask(processId)))[0];
  let before: HolderLook | undefined;
  for (let stored = read ?? (await taskRow()); stored !== undefined; stored = await taskRow()) {
    const row = restoredTask(stored);
    const look = lookOf(processId, row);
    const verdict = holderVerdict(before, look);
    if (isFree(verdict)) return { row, verdict };
    const waitedMs = performance.now() - began;
    if (waitedMs >= waitSeconds * 1000 && !mayStillChange(verdict, waitedMs))
      return { row, verdict };
    before = look;
    await pause(signal);
  }
  return undefined;
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(LOOK_EVERY_MS, undefined, { signal });
  } catch {
    const message =
      'The signal was aborted while the load waited for the process that holds the task.';
    throw new RelytError('ABORTED', message, { cause: signal?.reason });
  }
}

function mayStillChange(verdict: HolderVerdict, waitedMs: number): boolean {
  return verdict === 'look again' || (verdict === 'connected' && waitedMs < LEAVING_MS);
}

function lookOf(processId: string, row: TaskRow): HolderLook {
  // A process of an older version that took the task over left the name of the one before it.
  const isHolders = row.holder_name === applicationNameOf(processId, row.owner);
  return {
    status: row.status,
    epoch: row.epoch,
    heartbeat: row.heartbeat,
    leaseLeftSeconds: row.lease_left_seconds,
    connections: isHolders ? (row.holder_connections ?? undefined) : undefined,
  };
}
