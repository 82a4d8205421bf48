import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Holder, writerTag, writerVerdict } from '../../../src/core/writer.ts';

const holder: fc.Arbitrary<Holder> = fc.record({
  epoch: fc.integer({ min: 1, max: 4 }),
  owner: fc.constantFrom('a:1#01', 'b:2#02', 'c:3#03'),
});

describe('who has a task (G6)', () => {
  test('a row names at most one of two writers, also where the database gave an epoch out twice', () => {
    fc.assert(
      fc.property(holder, holder, holder, (one, other, row) => {
        fc.pre(one.owner !== other.owner);
        const verdicts = [writerVerdict(one, row), writerVerdict(other, row)];
        expect(verdicts.filter((verdict) => verdict === 'ours').length).toBeLessThan(2);
      }),
    );
  });

  test.each([
    [{ epoch: 5, owner: 'a:1#01' }, 'ours'],
    [{ epoch: 5, owner: 'b:2#02' }, 'taken over'],
    [{ epoch: 6, owner: 'b:2#02' }, 'taken over'],
    [{ epoch: 4, owner: 'b:2#02' }, 'went back'],
    [undefined, 'went back'],
  ])('a row of %j says to the writer of epoch 5: %s', (row, verdict) => {
    expect(writerVerdict({ epoch: 5, owner: 'a:1#01' }, row)).toBe(verdict);
  });

  test('the tag is the random part of an owner', () => {
    expect(writerTag('host:12#0a1b2c3d')).toBe('0a1b2c3d');
  });
});
