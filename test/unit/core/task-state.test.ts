import { describe, expect, test } from 'vitest';
import {
  TASK_STATE_EVENTS,
  TASK_STATES,
  type TaskState,
  type TaskStateEvent,
  taskStatesBefore,
  taskTransition,
} from '../../../src/core/task-state.ts';

/** What docs/spec/task.md says, written down a second time: a cell that changes has to be changed in both. */
const SPECIFIED: Record<TaskState, Record<TaskStateEvent, TaskState | 'refused'>> = {
  RUNNING: { complete: 'COMPLETED', fail: 'FAILED', cancel: 'CANCELLED', resume: 'RUNNING' },
  COMPLETED: { complete: 'refused', fail: 'refused', cancel: 'refused', resume: 'refused' },
  FAILED: { complete: 'refused', fail: 'FAILED', cancel: 'CANCELLED', resume: 'RUNNING' },
  CANCELLED: { complete: 'refused', fail: 'refused', cancel: 'refused', resume: 'refused' },
};

const cells = TASK_STATES.flatMap((state) => TASK_STATE_EVENTS.map((event) => ({ state, event })));

describe('the life of a task', () => {
  test('knows the states and events of the specification, and no others', () => {
    expect([...TASK_STATES].sort()).toEqual(Object.keys(SPECIFIED).sort());
    for (const row of Object.values(SPECIFIED)) {
      expect(Object.keys(row).sort()).toEqual([...TASK_STATE_EVENTS].sort());
    }
  });

  test.each(cells)('$event of a task that is $state', ({ state, event }) => {
    expect(taskTransition(state, event) ?? 'refused').toBe(SPECIFIED[state][event]);
  });

  test('the guard of an event holds exactly the states that accept it', () => {
    for (const { state, event } of cells) {
      const accepted = SPECIFIED[state][event] !== 'refused';
      expect(taskStatesBefore(event).includes(state), `${event} of ${state}`).toBe(accepted);
    }
  });

  test('what has ended stays ended: COMPLETED and CANCELLED accept nothing (G4)', () => {
    const ended = TASK_STATES.filter((state) =>
      TASK_STATE_EVENTS.every((event) => taskTransition(state, event) === undefined),
    );
    expect([...ended].sort()).toEqual(['CANCELLED', 'COMPLETED']);
  });

  test('a failed task is never COMPLETED without a resume in between', () => {
    expect(taskStatesBefore('complete')).toEqual(['RUNNING']);
    const toRunning = TASK_STATE_EVENTS.filter(
      (event) => taskTransition('FAILED', event) === 'RUNNING',
    );
    expect(toRunning).toEqual(['resume']);
  });

  test('every task that has not ended can be resumed and can be cancelled', () => {
    expect([...taskStatesBefore('resume')].sort()).toEqual(['FAILED', 'RUNNING']);
    expect([...taskStatesBefore('cancel')].sort()).toEqual(['FAILED', 'RUNNING']);
  });
});
