import { expect, test } from 'vitest';
import { throughputOf } from '../../../src/monitor/throughput.ts';

test('a span without an import counts nothing, and is there', () => {
  const rows = [
    { first: 1000, seconds: 10, span: 0, records: 50 },
    { first: 1000, seconds: 10, span: 2, records: 20 },
  ];

  expect(throughputOf(rows)).toEqual({
    spanSeconds: 10,
    times: [1000, 1010, 1020],
    rates: [5, 0, 2],
  });
});

test('before the first import there is nothing to draw', () => {
  expect(throughputOf([])).toEqual({ spanSeconds: 1, times: [], rates: [] });
});
