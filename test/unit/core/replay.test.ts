import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PlacedFile, replayPoint, replayText } from '../../../src/core/replay.ts';

/** Files with ten records each: a position is reached before the last of them, with it, or not at all. */
const history = fc
  .array(fc.option(fc.integer({ min: 0, max: 10 }), { nil: null }), { minLength: 1, maxLength: 12 })
  .map((reached) =>
    reached.map((records, n): PlacedFile => {
      const positionOrdinal = records === null ? null : 10 * n + records;
      const position = positionOrdinal;
      return { fileId: n + 1, firstOrdinal: 10 * n + 1, position, positionOrdinal };
    }),
  );

describe('from where a source is to be read again (G8)', () => {
  test('nothing that is lost stands before that place, and no newer place would do', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (files, picks) => {
        const lost = picks.map((pick) => files[pick % files.length]?.fileId ?? 1);
        const point = replayPoint(files, lost);
        const first = Math.min(...lost);
        expect(point?.record).toBe(10 * (first - 1) + 1);
        const position = point?.position === undefined ? 0 : Number(point.position);
        expect(position).toBeLessThan(point?.record ?? 0);
        const newer = files.filter(
          ({ positionOrdinal: at }) => at !== null && at > position && at < (point?.record ?? 0),
        );
        expect(newer).toEqual([]);
      }),
    );
  });

  test('is not known for files that were never frozen', () => {
    const file = { fileId: 1, firstOrdinal: null, position: null, positionOrdinal: null };
    expect(replayPoint([file], [1])).toBeUndefined();
  });

  test('is said as the caller gave it', () => {
    expect(replayText({ record: 7, position: { line: 6 } })).toMatch(
      /position {"line":6}, for record 7/,
    );
    expect(replayText({ record: 1, position: undefined })).toMatch(/^from its beginning/);
  });
});
