import { describe, expect, it } from 'vitest';
import { type Held, type UnendedTask, uninstallRefusal } from '../../../src/core/uninstall.ts';

const EMPTY: Held = { tasks: [], rejected: 0, rejectingTasks: 0, moving: [], routed: [] };

const task = (more: Partial<UnendedTask> = {}): UnendedTask => ({
  processId: 'p1',
  table: 'public.t',
  foreign: false,
  alive: false,
  files: 2,
  records: 30,
  ...more,
});

describe('G1: an uninstall', () => {
  it('is free to go where nothing is held', () => {
    expect(uninstallRefusal(EMPTY, false)).toBeUndefined();
  });

  it.each([true, false])('never takes a task that may run (discard: %s)', (discard) => {
    const held = { ...EMPTY, tasks: [task({ alive: true }), task()] };
    expect(uninstallRefusal(held, discard)?.message).toBe(
      '1 task may still run: p1 into public.t.',
    );
  });

  it.each([true, false])('never cuts off groups from their routing (discard: %s)', (discard) => {
    const table = { schema: 'public', name: 'odd table' };
    expect(uninstallRefusal({ ...EMPTY, routed: [table] }, discard)?.hint).toContain(
      "--tables 'public.odd table'",
    );
    expect(uninstallRefusal({ ...EMPTY, moving: [table] }, discard)?.message).toContain('moved');
  });

  it('loses what a resume needs, tasks of other SDKs, and rejected records only if it is asked to', () => {
    for (const held of [
      { ...EMPTY, tasks: [task()] },
      { ...EMPTY, tasks: [task({ foreign: true, alive: null, files: 0, records: 0 })] },
      { ...EMPTY, rejected: 1, rejectingTasks: 1 },
    ]) {
      expect(uninstallRefusal(held, false)?.hint).toContain('`relyt uninstall --discard`');
      expect(uninstallRefusal(held, true)).toBeUndefined();
    }
  });

  it('says all that would be lost at once, and names three tasks at most', () => {
    const tasks = [1, 2, 3, 4, 5].map((n) => task({ processId: `p${n}` }));
    const refusal = uninstallRefusal({ ...EMPTY, tasks, rejected: 7, rejectingTasks: 2 }, false);
    expect(refusal?.message).toBe(
      'An uninstall would lose records: 5 tasks can be resumed (p1 into public.t, p2 into public.t, p3 into public.t, 2 more), with 150 records in 10 staged files not imported yet; 7 rejected records of 2 tasks are kept nowhere else.',
    );
  });
});
