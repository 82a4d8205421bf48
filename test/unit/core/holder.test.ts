// G6: when a task is taken from a process that is gone, and that one which lives keeps it until its lease ends.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HolderLook, holderVerdict } from '../../../src/core/holder.ts';
import { TASK_STATES } from '../../../src/core/task-state.ts';

const look = (changes: Partial<HolderLook> = {}): HolderLook => ({
  status: 'RUNNING',
  epoch: 3,
  heartbeat: '2026-11-29 13:00:00.000001',
  leaseLeftSeconds: 20,
  connections: 0,
  ...changes,
});

describe('the process that holds a task (G6)', () => {
  test.each<[string, HolderLook | undefined, HolderLook, string]>([
    ['has ended its task', undefined, look({ status: 'FAILED', connections: 2 }), 'free'],
    ['let its lease run out', undefined, look({ leaseLeftSeconds: 0, connections: 2 }), 'free'],
    ['is connected', look(), look({ connections: 1 }), 'connected'],
    ['has no connection', undefined, look(), 'look again'],
    ['still has none, and was not heard of', look(), look(), 'gone'],
    [
      'was heard of meanwhile',
      look(),
      look({ heartbeat: '2026-11-29 13:00:10.000001' }),
      'look again',
    ],
    ['is another one now', look(), look({ epoch: 4 }), 'look again'],
    ['was connected a moment ago', look({ connections: 1 }), look(), 'look again'],
    ['could not be seen before', look({ connections: undefined }), look(), 'look again'],
    ['cannot be seen', look(), look({ connections: undefined }), 'unseen'],
  ])('that %s', (_, before, now, verdict) => {
    expect(holderVerdict(before, now)).toBe(verdict);
  });

  const looks = fc.record<HolderLook>({
    status: fc.constantFrom(...TASK_STATES),
    epoch: fc.integer({ min: 1, max: 2 }),
    heartbeat: fc.constantFrom('a', 'b'),
    leaseLeftSeconds: fc.integer({ min: -1, max: 2 }),
    connections: fc.constantFrom(undefined, 0, 1),
  });

  test('a lease that lasts is ended only by two looks that show no connection and no sign of life', () => {
    fc.assert(
      fc.property(fc.option(looks, { nil: undefined }), looks, (before, now) => {
        const lasts = now.status === 'RUNNING' && now.leaseLeftSeconds > 0;
        const silent =
          before?.connections === 0 &&
          now.connections === 0 &&
          before.epoch === now.epoch &&
          before.heartbeat === now.heartbeat;
        const verdict = holderVerdict(before, now);
        expect(verdict === 'free').toBe(!lasts);
        expect(verdict === 'gone').toBe(lasts && silent);
      }),
    );
  });
});
