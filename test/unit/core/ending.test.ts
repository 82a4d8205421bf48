// How a task of this process ends: the first failure decides, and nothing overtakes it (I14).

import { describe, expect, test } from 'vitest';
import {
  brokenEnding,
  closed,
  decided,
  type Ending,
  type EndState,
  giveUpReason,
  RUNNING,
  storedEnding,
} from '../../../src/core/ending.ts';
import { RelytError } from '../../../src/errors.ts';

const failure = new RelytError('SOURCE_FAILED', 'the source broke');
const other = new RelytError('LEASE_LOST', 'taken over');
const COMPLETED: Ending = { as: 'completed' };
const SUSPENDED: Ending = { as: 'suspended', reason: 'stopped by a signal' };
const FAILED: Ending = { as: 'failed', failure };
const ABORTED: Ending = { as: 'aborted', failure };
const ENDINGS = [COMPLETED, SUSPENDED, FAILED, ABORTED];

const closing = (ending: Ending): EndState => ({ phase: 'closing', ending });
const over = (ending: Ending): EndState => ({ phase: 'closed', ending });

describe('the end of a task', () => {
  test.each(ENDINGS)('is any, while it runs: $as', (ending) => {
    expect(decided(RUNNING, ending)).toEqual(closing(ending));
  });

  test.each([COMPLETED, SUSPENDED])('is overtaken by a failure while it is stored: $as', (end) => {
    for (const broken of [FAILED, ABORTED])
      expect(decided(closing(end), broken)).toEqual(closing(broken));
    for (const orderly of [COMPLETED, SUSPENDED])
      expect(decided(closing(end), orderly)).toEqual(closing(end));
  });

  test.each([FAILED, ABORTED])('stays the first failure: $as', (end) => {
    const state = closing(end);
    for (const later of [...ENDINGS, { as: 'failed', failure: other } as const])
      expect(decided(state, later)).toBe(state);
  });

  test.each(ENDINGS)('is final once it is over: $as', (end) => {
    const state = closed(closing(end));
    expect(state).toEqual(over(end));
    for (const later of ENDINGS) expect(decided(state, later)).toBe(state);
    expect(closed(state)).toEqual(state);
  });

  test('is there only once it is decided', () => {
    expect(closed(RUNNING)).toBe(RUNNING);
    expect(brokenEnding(RUNNING)).toBeUndefined();
  });

  test.each(ENDINGS)('is broken by a failure or an abort, closed or not: $as', (end) => {
    const broken = end === FAILED || end === ABORTED ? end : undefined;
    expect(brokenEnding(closing(end))).toBe(broken);
    expect(brokenEnding(over(end))).toBe(broken);
  });
});

describe('what is stored of it', () => {
  test.each([
    [COMPLETED, 'COMPLETED', null],
    [SUSPENDED, 'FAILED', 'stopped by a signal'],
    [FAILED, 'FAILED', 'the source broke'],
    [ABORTED, 'CANCELLED', 'aborted'],
  ] as const)('%o', (ending, status, message) => {
    expect(storedEnding(ending)).toEqual({ status, message });
  });

  test('staged files are given up by an abort, and by a failure only where cleanup says so (I19)', () => {
    const given = (cleanup: 'on-success' | 'always' | 'never') =>
      ENDINGS.filter((ending) => giveUpReason(ending, cleanup) !== undefined);
    expect(given('on-success')).toEqual([ABORTED]);
    expect(given('never')).toEqual([ABORTED]);
    expect(given('always')).toEqual([FAILED, ABORTED]);
  });
});
