// Which failures of a move's transaction are worth another attempt.

import { describe, expect, test } from 'vitest';
import { afterFailedMove } from '../../../src/migrate/failed-move.ts';

describe('after a move that failed', () => {
  test.each([
    ['40001', 'a serialisation failure'],
    ['40P01', 'a deadlock'],
    ['57014', 'a statement that the deadlock detector of Greenplum cancelled'],
  ])('%s, %s, may pass at every attempt', (sqlstate) => {
    expect([1, 2, 3].map((attempt) => afterFailedMove(sqlstate, attempt))).toEqual(
      Array(3).fill('transient'),
    );
  });

  test('a key that was written in the same moment is seen by the second attempt', () => {
    expect([1, 2].map((attempt) => afterFailedMove('23505', attempt))).toEqual([
      'transient',
      'permanent',
    ]);
  });

  test.each(['23514', '42501', '57P01', '08006', 'XX000', undefined])('%s stays', (sqlstate) => {
    expect(afterFailedMove(sqlstate, 1)).toBe('permanent');
  });
});
