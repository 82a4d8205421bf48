import { expect, test } from 'vitest';
import { bytes, count, counted, seconds } from '../../../src/core/figures.ts';

test('figures', () => {
  expect([0, 999, 1000, 1_234_567.4].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 1, 2].map((n) => counted(n, 'record'))).toEqual([
    '0 records',
    '1 record',
    '2 records',
  ]);
  expect([0, 1023, 1024, 1.5 * 1024 ** 3, 5000 * 1024 ** 4].map(bytes)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1.5 GiB',
    '5000.0 TiB',
  ]);
  expect([0.04, 99.9, 100, 3599].map(seconds)).toEqual([
    '0.0 s',
    '99.9 s',
    '1 min 40 s',
    '59 min 59 s',
  ]);
});
