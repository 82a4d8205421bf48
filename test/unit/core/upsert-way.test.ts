// By which statement imports update, decided from those before them (G8: what is slower or refused is not kept up).

import { describe, expect, test } from 'vitest';
import {
  afterRefusedMerge,
  afterUpserts,
  NO_UPSERTS,
  type UpsertHistory,
  upsertWay,
} from '../../../src/core/upsert-way.ts';
import { Dice } from '../../support/dice.ts';

const NEW = { inserted: 1000, updated: 0 };
const OLD = { inserted: 0, updated: 1000 };

const after = (counts: typeof NEW, times: number, from = NO_UPSERTS) =>
  Array.from({ length: times }).reduce<UpsertHistory>(
    (history) => afterUpserts(history, counts),
    from,
  );

describe('an import updates by MERGE', () => {
  test('when nothing is known of its task, and while rows are new', () => {
    expect(upsertWay(NO_UPSERTS)).toBe('merge');
    expect(upsertWay(after(NEW, 100))).toBe('merge');
  });

  test('not when the newest imports found most rows there, and again when they find few', () => {
    expect(upsertWay(after(OLD, 1))).toBe('on conflict');
    const old = after(OLD, 100, after(NEW, 100));
    expect(upsertWay(old)).toBe('on conflict');
    expect(upsertWay(after(NEW, 4, old))).toBe('merge');
  });

  test('by the share of rows, not of imports', () => {
    const few = { inserted: 1, updated: 9 };
    expect(upsertWay(after(few, 3, after(NEW, 1)))).toBe('merge');
    expect(upsertWay(after({ inserted: 9, updated: 1 }, 3, after(OLD, 1)))).toBe('on conflict');
  });

  test('of nothing but rejected records, as if nothing were known', () => {
    expect(upsertWay(after({ inserted: 0, updated: 0 }, 4))).toBe('merge');
  });
});

describe('a refused MERGE', () => {
  test('keeps the next imports from trying, each time twice as many', () => {
    let history = NO_UPSERTS;
    for (const wait of [4, 8, 16, 32]) {
      history = afterRefusedMerge(history);
      expect(upsertWay(after(NEW, wait - 1, history))).toBe('on conflict');
      history = after(NEW, wait, history);
      expect(upsertWay(history)).toBe('merge');
    }
  });

  test('counts once where imports beside each other meet it', () => {
    const once = afterRefusedMerge(NO_UPSERTS);
    expect(afterRefusedMerge(afterRefusedMerge(once))).toEqual(once);
  });

  test('happens to no more than log2 of the imports, whatever they find', () => {
    const dice = new Dice(15);
    for (let round = 0; round < 50; round++) {
      let history = NO_UPSERTS;
      let refused = 0;
      const imports = 10 + dice.below(2_000);
      for (let n = 0; n < imports; n++) {
        if (upsertWay(history) === 'merge') {
          history = afterRefusedMerge(history);
          refused++;
        }
        history = afterUpserts(history, dice.below(2) === 0 ? NEW : OLD);
      }
      expect(refused).toBeLessThanOrEqual(Math.ceil(Math.log2(imports)));
    }
  });
});
