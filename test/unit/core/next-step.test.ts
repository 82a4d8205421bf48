import { describe, expect, it } from 'vitest';
import { nextStep, type TaskSituation } from '../../../src/core/next-step.ts';

const ENDED = {
  alive: false,
  connected: null,
  foreign: false,
  rejected: 0,
  discarded: false,
} as const;

describe('what to do about a task', () => {
  it.each([
    ['a process works on it', { status: 'RUNNING', alive: true }, 'wait'],
    ['its process is seen', { status: 'RUNNING', alive: true, connected: true }, 'wait'],
    ['its process is not seen', { status: 'RUNNING', alive: true, connected: false }, 'resume'],
    ['its process died', { status: 'RUNNING' }, 'resume'],
    ['it failed', { status: 'FAILED', rejected: 5 }, 'resume'],
    ['it failed and its files were deleted', { status: 'FAILED', discarded: true }, 'abort'],
    ['its process died and files were deleted', { status: 'RUNNING', discarded: true }, 'abort'],
    ['it is complete', { status: 'COMPLETED' }, 'nothing'],
    ['it is complete but for rejected records', { status: 'COMPLETED', rejected: 1 }, 'errors'],
    ['it was cancelled', { status: 'CANCELLED' }, 'nothing'],
    ['another SDK runs it', { status: 'RUNNING', alive: null, foreign: true }, 'nothing'],
    ['another SDK failed', { status: 'FAILED', foreign: true, rejected: 3 }, 'nothing'],
  ] satisfies [string, Partial<TaskSituation> & Pick<TaskSituation, 'status'>, string][])(
    'when %s',
    (_, situation, expected) => {
      expect(nextStep({ ...ENDED, ...situation })).toBe(expected);
    },
  );
});
