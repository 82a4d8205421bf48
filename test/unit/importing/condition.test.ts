import { expect, test } from 'vitest';
import { Condition } from '../../../src/importing/condition.ts';

test('wakes those whose wish came true, and only those', async () => {
  const condition = new Condition();
  const awake: number[] = [];
  let level = 0;
  const waiting = [3, 1, 2].map((wanted) =>
    condition.until(() => level >= wanted).then(() => awake.push(wanted)),
  );
  await condition.until(() => true);
  for (level = 1; level <= 3; level++) {
    condition.changed();
    await new Promise(setImmediate);
    expect(awake).toEqual([1, 2, 3].slice(0, level));
  }
  await Promise.all(waiting);
});
