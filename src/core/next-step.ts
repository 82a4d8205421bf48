import type { TaskState } from './task-state.ts';

/**
 * What the user can do about a task:
 * - `nothing`: it has ended well, or for good; or it belongs to another SDK;
 * - `wait`: a process works on it;
 * - `resume`: it can be continued (or aborted);
 * - `abort`: it cannot be continued, because staged files are gone that were not imported;
 * - `errors`: it is complete but records were rejected.
 */
export type NextStep = 'nothing' | 'wait' | 'resume' | 'abort' | 'errors';

export interface TaskSituation {
  readonly status: TaskState;
  readonly alive: boolean | null;
  /** False: no connection of its process is seen. */
  readonly connected: boolean | null;
  readonly foreign: boolean;
  readonly rejected: number;
  /** Files were frozen and not imported, and their objects were deleted (`cleanup: 'always'`). */
  readonly discarded: boolean;
}

export function nextStep(task: TaskSituation): NextStep {
  if (task.foreign) return 'nothing';
  const seemsToRun = task.alive !== false && task.connected !== false;
  if (task.status === 'RUNNING' && seemsToRun) return 'wait';
  if (task.status === 'RUNNING' || task.status === 'FAILED') {
    return task.discarded ? 'abort' : 'resume';
  }
  return task.rejected > 0 ? 'errors' : 'nothing';
}
