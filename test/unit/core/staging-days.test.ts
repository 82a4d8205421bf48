import { describe, expect, test } from 'vitest';
import { stagingDays } from '../../../src/core/staging-days.ts';

describe('days on which a task may have staged files (G7)', () => {
  test('are all since it was created, with one more at either end for clocks that differ', () => {
    expect(stagingDays('2026-02-27', '2026-03-01')).toEqual([
      '2026-02-26',
      '2026-02-27',
      '2026-02-28',
      '2026-03-01',
      '2026-03-02',
    ]);
  });

  test('of today are three', () => {
    expect(stagingDays('2026-11-23', '2026-11-23')).toEqual([
      '2026-11-22',
      '2026-11-23',
      '2026-11-24',
    ]);
  });

  test('do not end before the task began, when the clock here is behind', () => {
    expect(stagingDays('2026-11-23', '2026-11-20')).toContain('2026-11-23');
  });

  test('are bounded, and never forget the first and the newest', () => {
    const days = stagingDays('2020-01-01', '2026-11-23');
    expect(days.length).toBeLessThan(410);
    expect(days).toEqual(expect.arrayContaining(['2020-01-01', '2026-11-23', '2025-12-01']));
    expect(new Set(days).size).toBe(days.length);
  });
});
