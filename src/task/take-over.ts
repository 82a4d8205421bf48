import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { HolderVerdict } from '../core/holder.ts';
import { type Writer, writerTag } from '../core/writer.ts';
import type { Database } from '../database/database.ts';
import { endConnections, type TaskRow, takeLease } from '../database/statements/lease.ts';
import { type Presence, storePresence } from '../database/statements/presence.ts';
import { setTaskStatus } from '../database/statements/task.ts';

/** Who holds a task: host and process for people, and a tag of its own. */
export function newOwner(): string {
  return `${hostname()}:${process.pid}#${randomBytes(4).toString('hex')}`;
}

/** Name of an owner's connections in pg_stat_activity. */
export function applicationNameOf(processId: string, owner: string): string {
  return `relyt-sdk ${processId} ${writerTag(owner)}`;
}

export interface Claim {
  readonly processId: string;
  readonly database: Database;
  /** Of `newOwner`. */
  readonly owner: string;
  /** How others see that this process lives. */
  readonly presence: Presence | undefined;
  readonly leaseSeconds: number;
  /** Take the lease away from a process that is alive. */
  readonly force?: boolean;
  /** What is known of the process that holds it. */
  readonly verdict: HolderVerdict;
}

/**
 * Takes the lease of a task that is not held, or any with `force`, and makes the task RUNNING. The connections of
 * its former holder are ended first, and its epoch no longer counts afterwards (G6). Those of others who want the
 * task as well are left alone: one of them wins. Undefined when another process was faster.
 */
export async function takeOver(claim: Claim, task: TaskRow): Promise<Writer | undefined> {
  const { processId, database, owner, presence, leaseSeconds, force = false, verdict } = claim;
  const goneSince = verdict === 'gone' ? task.heartbeat : null;
  await database.query(endConnections(applicationNameOf(processId, task.owner)));
  // Together: a task that is taken but still FAILED would be free for the next one.
  return database.transaction(async (transaction) => {
    const [taken] = await transaction.query<{ epoch: number }>(
      takeLease({ processId, owner, leaseSeconds, force, goneSince }, task),
    );
    if (taken === undefined) return undefined;
    const writer = { processId, epoch: taken.epoch, owner };
    await transaction.execute(storePresence(writer, presence));
    await transaction.execute(setTaskStatus(writer, 'RUNNING', null));
    return writer;
  });
}
