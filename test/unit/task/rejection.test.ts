import { describe, expect, test } from 'vitest';
import { RelytError } from '../../../src/errors.ts';
import { rejectLimitError, rejectOf } from '../../../src/task/rejection.ts';

const refusal = new RelytError('RECORD_INVALID', 'Record 4, column "n": wrong.', {
  details: { record: 4, column: 'n' },
});

describe('the row of a rejected record', () => {
  test('keeps what JSON cannot hold as text', () => {
    const record = {
      big: 12345678901234567890n,
      bytes: new Uint8Array([1, 255]),
      nan: Number.NaN,
      at: new Date(0),
      text: 'a\0',
    };
    const row = rejectOf(refusal, { record, position: { line: 9 } }, 4);
    expect(row).toMatchObject({ ordinal: 4, stage: 'encode', code: 'RECORD_INVALID', column: 'n' });
    expect(JSON.parse(row.position ?? '')).toEqual({ line: 9 });
    expect(JSON.parse(row.record ?? '')).toEqual({
      big: '12345678901234567890',
      bytes: '\\x01ff',
      nan: 'NaN',
      at: '1970-01-01T00:00:00.000Z',
      text: 'a\0',
    });
  });

  test.each([
    ['a cycle', cyclic()],
    [
      'a getter that throws',
      {
        get v() {
          throw new Error('no');
        },
      },
    ],
    ['a function', () => 1],
    ['undefined', undefined],
  ])('is kept without the record when that is %s', (_, record) => {
    const row = rejectOf(refusal, { record, position: undefined }, 4);
    expect(row).toMatchObject({ record: null, position: null, reason: refusal.message });
  });
});

test('the error past the limit says what was wrong last, and how many were tolerated', () => {
  const error = rejectLimitError(refusal, 7);
  expect(error).toMatchObject({
    code: 'REJECT_LIMIT_EXCEEDED',
    cause: refusal,
    details: { record: 4 },
  });
  expect(error.message).toContain('More than 7');
});

test('G8: where no rejected record is tolerated, the refusal of the first one is the error', () => {
  expect(rejectLimitError(refusal, 0)).toBe(refusal);
});

function cyclic(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}
