/** How a task of this process ends, as a pure function. `taskTransition` decides what its rows then say. */

import type { RelytError } from '../errors.ts';
import type { TaskState } from './task-state.ts';

/** An end that imports everything inserted before it. */
export type OrderlyEnding =
  | { readonly as: 'completed' }
  /** Its input was not finished: the task can be resumed. */
  | { readonly as: 'suspended'; readonly reason: string };

/** An end that gives up what is under way. */
export interface BrokenEnding {
  readonly as: 'failed' | 'aborted';
  readonly failure: RelytError;
}

export type Ending = OrderlyEnding | BrokenEnding;

export type EndState =
  | { readonly phase: 'running' }
  /** The end is decided and being stored. */
  | { readonly phase: 'closing' | 'closed'; readonly ending: Ending };

export const RUNNING: EndState = { phase: 'running' };

/**
 * The state once the task is to end like this. A failure overrides an orderly end that is not stored yet; nothing
 * overrides a failure, or an end that is over.
 */
export function decided(state: EndState, ending: Ending): EndState {
  if (state.phase === 'closed') return state;
  const overtakes =
    state.phase === 'running' || (brokenEnding(state) === undefined && isBroken(ending));
  return overtakes ? { phase: 'closing', ending } : state;
}

/** The state once nothing of the task is open any more. A task that runs has no end to close with. */
export function closed(state: EndState): EndState {
  return state.phase === 'running' ? state : { phase: 'closed', ending: state.ending };
}

/** The failure or abort by which the task ends or ended; undefined while there was none. */
export function brokenEnding(state: EndState): BrokenEnding | undefined {
  return state.phase !== 'running' && isBroken(state.ending) ? state.ending : undefined;
}

/** Status and message that the row of the task gets. */
export function storedEnding(ending: Ending): {
  readonly status: TaskState;
  readonly message: string | null;
} {
  switch (ending.as) {
    case 'completed':
      return { status: 'COMPLETED', message: null };
    case 'suspended':
      return { status: 'FAILED', message: ending.reason };
    case 'failed':
      return { status: 'FAILED', message: ending.failure.message };
    case 'aborted':
      return { status: 'CANCELLED', message: 'aborted' };
  }
}

/** How the error of a file begins that was given up, and so deleted. */
export const GIVEN_UP = "given up, as cleanup 'always' asks";

/** Why staged files that are not imported are given up; undefined when they stay, for a resume. */
export function giveUpReason(
  ending: Ending,
  cleanup: 'on-success' | 'always' | 'never',
): string | undefined {
  if (ending.as === 'aborted') return 'aborted';
  if (ending.as !== 'failed' || cleanup !== 'always') return undefined;
  // What the database lost is nowhere else any more.
  if (ending.failure.code === 'DATABASE_WENT_BACK') return undefined;
  return `${GIVEN_UP}: ${ending.failure.message}`;
}

/** Whether the objects of imported files go: they stay while a resume may need them, if the database goes back. */
export function discardsImported(
  ending: Ending,
  cleanup: 'on-success' | 'always' | 'never',
): boolean {
  if (cleanup === 'never') return false;
  return ending.as === 'completed' || giveUpReason(ending, cleanup) !== undefined;
}

function isBroken(ending: Ending): ending is BrokenEnding {
  return ending.as === 'failed' || ending.as === 'aborted';
}
