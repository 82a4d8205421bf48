// G8: a call of insert() ends by its own signal or by the end of its task, and lets go of both.

import { describe, expect, test } from 'vitest';
import { InsertSignal } from '../../../src/task/insert-signal.ts';

/** Counts its listeners. */
function counted(): { readonly signal: AbortSignal; readonly listeners: () => number } {
  const { signal } = new AbortController();
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    count++;
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    count--;
    remove(...given);
  };
  return { signal, listeners: () => count };
}

describe('the signal of a call', () => {
  test('is that of the task where none is given', () => {
    const { signal, listeners } = counted();
    using stop = new InsertSignal(signal, undefined, () => 0);
    expect(stop.signal).toBe(signal);
    expect(listeners()).toBe(0);
  });

  test('fires with its own signal, and says how many records were taken', () => {
    const given = new AbortController();
    let taken = 1;
    using stop = new InsertSignal(new AbortController().signal, given.signal, () => taken);
    taken = 7;
    const why = new Error('the client has gone');
    given.abort(why);
    expect(stop.signal.reason).toMatchObject({
      code: 'INSERT_ABORTED',
      details: { records: 7 },
      cause: why,
    });
  });

  test('fires with the end of the task', () => {
    const task = new AbortController();
    using stop = new InsertSignal(task.signal, new AbortController().signal, () => 0);
    const why = new Error('the task failed');
    task.abort(why);
    expect(stop.signal.reason).toBe(why);
  });

  test.each(['task', 'given'] as const)('has fired when that of the %s had', (which) => {
    const signals = { task: new AbortController(), given: new AbortController() };
    signals[which].abort(new Error('before'));
    using stop = new InsertSignal(signals.task.signal, signals.given.signal, () => 0);
    expect(stop.signal.aborted).toBe(true);
  });

  test('leaves no listener behind (G5)', () => {
    const task = counted();
    const given = counted();
    {
      using _ = new InsertSignal(task.signal, given.signal, () => 0);
      expect([task.listeners(), given.listeners()]).toEqual([1, 1]);
    }
    expect([task.listeners(), given.listeners()]).toEqual([0, 0]);
  });
});
