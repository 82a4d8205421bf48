/** The life of a task, as a pure function. `docs/spec/task.md` is its specification. */

export const TASK_STATES = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** `resume` is also taking over a RUNNING task; that its lease ran out is for the lease to say. */
export const TASK_STATE_EVENTS = ['complete', 'fail', 'cancel', 'resume'] as const;
export type TaskStateEvent = (typeof TASK_STATE_EVENTS)[number];

const REFUSED = undefined;

const TRANSITIONS: Record<TaskState, Record<TaskStateEvent, TaskState | undefined>> = {
  RUNNING: { complete: 'COMPLETED', fail: 'FAILED', cancel: 'CANCELLED', resume: 'RUNNING' },
  FAILED: { complete: REFUSED, fail: 'FAILED', cancel: 'CANCELLED', resume: 'RUNNING' },
  COMPLETED: { complete: REFUSED, fail: REFUSED, cancel: REFUSED, resume: REFUSED },
  CANCELLED: { complete: REFUSED, fail: REFUSED, cancel: REFUSED, resume: REFUSED },
};

/** The state after `event`, or undefined when the event is refused in this state. */
export function taskTransition(state: TaskState, event: TaskStateEvent): TaskState | undefined {
  return TRANSITIONS[state][event];
}

/** The states in which an event is accepted: the guard of its UPDATE statement. */
export function taskStatesBefore(event: TaskStateEvent): readonly TaskState[] {
  return TASK_STATES.filter((state) => TRANSITIONS[state][event] !== undefined);
}
