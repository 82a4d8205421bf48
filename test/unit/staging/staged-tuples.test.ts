import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_ROOM } from '../../../src/records/native/native-form.ts';
import type { TupleFunction } from '../../../src/records/tuple-row.ts';
import { TupleRows } from '../../../src/records/tuple-rows.ts';
import { KEY, PART_BYTES, startFile } from './staged-file-fixture.ts';

/** Writes as many bytes as the record says, all of its ordinal. */
const tuple: TupleFunction = (record, ordinal, target, at) => {
  const { length } = record as { readonly length: number };
  if (at > target.limit || at + length > target.limit) return NO_ROOM;
  target.bytes.fill(ordinal % 251, at, at + length);
  return at + length;
};

const lengths = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 4000 }) }, fc.constant(140_000)),
  { minLength: 1, maxLength: 12 },
);

function expected(given: readonly number[], from: number): Buffer {
  return Buffer.concat(given.map((length, i) => Buffer.alloc(length, (from + i) % 251)));
}

describe('tuples of a lane', () => {
  it.each([false, true])(
    'are in its files byte for byte, whether memory is short or not (gzip %s) (G2, G4)',
    async (gzip) => {
      const shapes = fc.record({
        first: lengths,
        second: lengths,
        capacity: fc.integer({ min: 2, max: 4 }),
        obeys: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(shapes, async ({ first, second, capacity, obeys }) => {
          // The rows of a lane go on from one file to the next.
          const rows = new TupleRows(1);
          let ordinal = 0;
          for (const given of [first, second]) {
            const { store, pool, file } = startFile({ capacity, gzip });
            const from = ordinal + 1;
            for (const length of given) {
              rows.add(tuple, { length }, ++ordinal);
              file.append(rows);
              if (obeys && file.blocked) await file.whenWritable();
            }
            const { bytes } = await file.finish();
            const body = store.objects.get(KEY)?.body ?? Buffer.of();
            const stored = gzip ? gunzipSync(body) : body;
            expect(stored.equals(expected(given, from))).toBe(true);
            expect(bytes).toBe(stored.length);
            expect(pool.inUse).toBe(0);
            expect(pool.allocatedBytes).toBeLessThanOrEqual(capacity * PART_BYTES);
          }
          expect(rows.size).toBe(0);
        }),
        { numRuns: 8 },
      );
    },
  );

  it('stand in their order among records that are text (G2, G3)', async () => {
    const given = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 3000 })), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(given, async (records) => {
        const rows = new TupleRows(1);
        const { store, file } = startFile();
        let all = '';
        for (const [i, [isText, length]] of records.entries()) {
          const letter = 65 + (i % 26);
          if (!isText) rows.add(tuple, { length }, letter);
          all += String.fromCharCode(letter).repeat(length);
          file.append(isText ? String.fromCharCode(letter).repeat(length) : rows);
          if (file.blocked) await file.whenWritable();
        }
        const { bytes } = await file.finish();
        expect(store.objects.get(KEY)?.body.toString() === all).toBe(true);
        expect(bytes).toBe(all.length);
      }),
      { numRuns: 30 },
    );
  });

  it('of a file that failed do not stand in the next one of their lane (G2)', async () => {
    const rows = new TupleRows(1);
    const ended = new AbortController();
    const failed = startFile({ signal: ended.signal }).file;
    rows.add(tuple, { length: 10 }, 1);
    failed.append(rows);
    ended.abort();
    await expect(failed.finish()).rejects.toThrow();
    const { store, file } = startFile();
    rows.add(tuple, { length: 5 }, 2);
    file.append(rows);
    await file.finish();
    expect(store.objects.get(KEY)?.body.equals(expected([5], 2))).toBe(true);
  });
});
