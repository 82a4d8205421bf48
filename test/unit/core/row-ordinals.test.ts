// G8: the ordinals of rows that hold none are those of the records, whatever was rejected between them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areOrdinalsOf, gapThresholds, type RowOrdinals } from '../../../src/core/row-ordinals.ts';

/** A file that begins at this ordinal, and of what follows which records are in it. */
const files = fc.record({
  first: fc.integer({ min: 1, max: 1e15 }),
  kept: fc.array(fc.boolean(), { maxLength: 60 }).map((kept) => [true, ...kept, true]),
});

function ordinalsOf({ first, kept }: { readonly first: number; readonly kept: boolean[] }) {
  const numbered = kept.map((isKept, n) => ({ isKept, ordinal: first + n }));
  const of = (wanted: boolean) =>
    numbered.filter(({ isKept }) => isKept === wanted).map(({ ordinal }) => ordinal);
  return { rows: of(true), ordinals: { first, gaps: of(false) } satisfies RowOrdinals };
}

/** As PostgreSQL's function does: how many of the thresholds are not above the value. */
function widthBucket(value: number, thresholds: readonly number[]): number {
  return thresholds.filter((threshold) => threshold <= value).length;
}

describe('ordinals of the rows of a file that holds none', () => {
  it('are the place of a row, moved by the gaps before it', () => {
    fc.assert(
      fc.property(files, (file) => {
        const { rows, ordinals } = ordinalsOf(file);
        const thresholds = gapThresholds(ordinals);
        const placed = rows.map((_, n) => ordinals.first + n);
        expect(placed.map((place) => place + widthBucket(place, thresholds))).toEqual(rows);
        expect(thresholds).toEqual(thresholds.toSorted((a, b) => a - b));
      }),
    );
  });

  it('go with the number of the rows and the last one, or the file row is wrong (G2)', () => {
    fc.assert(
      fc.property(files, (file) => {
        const { rows, ordinals } = ordinalsOf(file);
        const last = rows.at(-1) ?? 0;
        const records = rows.length;
        expect(areOrdinalsOf(ordinals, { records, last })).toBe(true);
        expect(areOrdinalsOf(ordinals, { records: records + 1, last })).toBe(false);
        expect(areOrdinalsOf(ordinals, { records, last: last + 1 })).toBe(false);
        const { first, gaps } = ordinals;
        expect(
          areOrdinalsOf({ first, gaps: [...gaps, last] }, { records: records - 1, last }),
        ).toBe(false);
      }),
    );
  });
});
