/** Whether the process that holds a task still lives, as far as the database tells. A pure function of two looks. */

import type { TaskState } from './task-state.ts';

/** What a look at a task shows of the process that holds it. */
export interface HolderLook {
  readonly status: TaskState;
  readonly epoch: number;
  /** Its last sign of life, as text of full precision: only whether it changed is asked. */
  readonly heartbeat: string;
  readonly leaseLeftSeconds: number;
  /** How many it has; undefined where they cannot be seen: behind a pooler, or as another role. */
  readonly connections: number | undefined;
}

/**
 * - `free`: no process holds the task, or its lease ran out;
 * - `gone`: its process has left the database, so its lease need not be waited for;
 * - `look again`: it seems to be gone, which a second look has to confirm;
 * - `connected`: its process lives, even if it is paused;
 * - `unseen`: only the lease can tell.
 */
export type HolderVerdict = 'free' | 'gone' | 'look again' | 'connected' | 'unseen';

/** Whether the lease may be taken. */
export function isFree(verdict: HolderVerdict): boolean {
  return verdict === 'free' || verdict === 'gone';
}

/**
 * One look is not enough: a process that has lost its connections makes new ones, and its heartbeat shows that it did.
 * @param before the look before, if there was one
 */
export function holderVerdict(before: HolderLook | undefined, now: HolderLook): HolderVerdict {
  if (now.status !== 'RUNNING' || now.leaseLeftSeconds <= 0) return 'free';
  if (now.connections === undefined) return 'unseen';
  if (now.connections > 0) return 'connected';
  const isUnchanged =
    before?.connections === 0 && before.epoch === now.epoch && before.heartbeat === now.heartbeat;
  return isUnchanged ? 'gone' : 'look again';
}
