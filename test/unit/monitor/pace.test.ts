import { expect, test } from 'vitest';
import { paceOf } from '../../../src/monitor/pace.ts';

const row = {
  process_id: 'one',
  recent_records: 6000,
  seconds: 60,
  waiting_files: 2,
  waiting_records: 500,
  oldest_seconds: 7.5,
};

test('a rate, what waits, and how long that takes at this rate', () => {
  expect(paceOf(row)).toEqual({
    recordsPerSecond: 100,
    waitingFiles: 2,
    waitingRecords: 500,
    lagSeconds: 7.5,
    leftSeconds: 5,
  });
});

test('without recent imports there is no estimate of the time left', () => {
  expect(paceOf({ ...row, recent_records: 0 })).toMatchObject({
    recordsPerSecond: 0,
    leftSeconds: null,
  });
});

test('where nothing waits, it takes no time, and there is no lag', () => {
  const idle = { ...row, waiting_files: 0, waiting_records: 0, oldest_seconds: null };
  expect(paceOf(idle)).toMatchObject({ lagSeconds: 0, leftSeconds: 0 });
});

test('a task that has just begun has no absurd rate', () => {
  expect(paceOf({ ...row, recent_records: 10, seconds: 0.001 }).recordsPerSecond).toBe(10);
});

test('clocks that disagree make no negative lag', () => {
  expect(paceOf({ ...row, oldest_seconds: -1 }).lagSeconds).toBe(0);
});
