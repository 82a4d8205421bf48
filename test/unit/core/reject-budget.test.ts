import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RejectBudget } from '../../../src/core/reject-budget.ts';

test('gives exactly as many as the limit allows, all of a request or nothing', () => {
  const budget = new RejectBudget(3, 1);
  expect(budget.tryTake(3)).toBe(false);
  expect(budget.tryTake(2)).toBe(true);
  expect(budget.tryTake(1)).toBe(false);
  budget.giveBack(2);
  expect([budget.used, budget.left]).toEqual([1, 2]);
});

test('never exceeds its limit, whatever is taken and given back', () => {
  fc.assert(
    fc.property(fc.nat({ max: 20 }), fc.array(fc.integer({ min: -5, max: 5 })), (limit, steps) => {
      const budget = new RejectBudget(limit);
      let held = 0;
      for (const step of steps) {
        if (step > 0 && budget.tryTake(step)) held += step;
        if (step < 0 && held >= -step) {
          budget.giveBack(-step);
          held += step;
        }
        expect(budget.used).toBe(held);
        expect(budget.left).toBe(limit - held);
      }
    }),
  );
});

test('a resume with a limit below what was rejected before allows nothing more', () => {
  const budget = new RejectBudget(2, 5);
  expect(budget.left).toBe(0);
  expect(budget.tryTake(1)).toBe(false);
  expect(budget.used).toBe(5);
});
