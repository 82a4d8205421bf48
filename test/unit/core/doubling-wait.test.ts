import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterImport, afterSetback, NO_WAIT } from '../../../src/core/doubling-wait.ts';

test('four imports wait after the first setback, then eight, then sixteen', () => {
  let wait = NO_WAIT;
  for (const imports of [4, 8, 16]) {
    expect(wait.left).toBe(0);
    wait = afterSetback(wait);
    expect(afterSetback(wait)).toBe(wait);
    for (let n = 0; n < imports; n++) {
      expect(wait.left).toBeGreaterThan(0);
      wait = afterImport(wait);
    }
  }
  expect(wait.left).toBe(0);
});

test('of n imports that fail whenever they may, at most log2 n do', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (imports) => {
      let wait = NO_WAIT;
      let setbacks = 0;
      for (let n = 0; n < imports; n++) {
        if (wait.left === 0) {
          wait = afterSetback(wait);
          setbacks++;
        }
        wait = afterImport(wait);
      }
      expect(setbacks).toBeLessThanOrEqual(Math.ceil(Math.log2(imports + 1)));
    }),
  );
});
