import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterGivingWay,
  afterImport,
  importsAtOnce,
  NONE_GAVE_WAY,
} from '../../../src/core/side-by-side.ts';

test('imports go side by side until one gives way, then four, eight, sixteen of them one by one', () => {
  let state = NONE_GAVE_WAY;
  for (const alone of [4, 8, 16]) {
    expect(importsAtOnce(state, 3)).toBe(3);
    state = afterGivingWay(state);
    expect(afterGivingWay(state)).toBe(state);
    for (let n = 0; n < alone; n++) {
      expect(importsAtOnce(state, 3)).toBe(1);
      state = afterImport(state);
    }
  }
  expect(importsAtOnce(state, 3)).toBe(3);
});

test('of n imports that meet whenever they may, at most log2 n give way', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (imports) => {
      let state = NONE_GAVE_WAY;
      let gaveWay = 0;
      for (let n = 0; n < imports; n++) {
        if (importsAtOnce(state, 2) > 1) {
          state = afterGivingWay(state);
          gaveWay++;
        }
        state = afterImport(state);
      }
      expect(gaveWay).toBeLessThanOrEqual(Math.ceil(Math.log2(imports + 1)));
    }),
  );
});
