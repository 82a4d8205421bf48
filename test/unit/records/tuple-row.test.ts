import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecOf } from '../../../src/records/codecs/codec-of.ts';
import type { TupleTarget } from '../../../src/records/native/native-form.ts';
import { NO_ROOM, TextNeededError } from '../../../src/records/native/native-form.ts';
import {
  composedTuple,
  generatedTuple,
  type TupleColumn,
  tupleReserve,
} from '../../../src/records/tuple-row.ts';
import { TupleRows } from '../../../src/records/tuple-rows.ts';
import { arrayOf, NUMBER_TYPES, typeOf } from './target-fixture.ts';

const TYPES = [
  ...NUMBER_TYPES,
  typeOf('bool'),
  typeOf('text'),
  typeOf('varchar', { typmod: 9 }),
  typeOf('bytea'),
  typeOf('uuid'),
  typeOf('date'),
  typeOf('timestamptz'),
  typeOf('vector'),
  arrayOf(typeOf('int4')),
  arrayOf(typeOf('text')),
];

const COLUMNS: readonly TupleColumn[] = TYPES.map((type, i) => {
  const codec = codecOf(type);
  return {
    property: `c${i}`,
    codec,
    native: true,
    noted: false,
    nullIsNull: true,
    undefinedIsNull: true,
    write: (value, _ordinal, target, at) => {
      if (value === null || value === undefined) {
        target.view.setInt32(at, -1);
        return at + 4;
      }
      return codec.native?.write(value, target, at) ?? NO_ROOM;
    },
  };
});

const value = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, -0, Number.NaN, 2 ** 53, -(2 ** 63), 1e39, 16_777_217),
  fc.integer(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({ maxLength: 80 }),
  fc.uuid(),
  fc.date(),
  fc.constantFrom('2024-02-29', '2024-02-30', '12.50', '-1e5', '\\x0aff', '2024-02-29 01:02:03Z'),
  fc.uint8Array({ maxLength: 70 }),
  fc.array(fc.oneof(fc.integer(), fc.constant(null), fc.string()), { maxLength: 5 }),
  fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 }),
);

function targetOf(bytes: number): TupleTarget {
  const buffer = Buffer.alloc(bytes + tupleReserve(COLUMNS.length));
  return { bytes: buffer, view: new DataView(buffer.buffer, buffer.byteOffset), limit: bytes };
}

function outcome(
  row: typeof composedTuple extends (s: never) => infer F ? F : never,
  record: object,
) {
  const target = targetOf(4096);
  try {
    return target.bytes.subarray(0, row(record, 77, target, 0)).toString('hex');
  } catch (error) {
    return error instanceof TextNeededError ? 'text needed' : String(error);
  }
}

describe('the tuple of a record', () => {
  it.each([true, false])(
    'is the same from generated code and from closures, ordinal %s (G4)',
    (withOrdinal) => {
      const generated = generatedTuple({ columns: COLUMNS, withOrdinal });
      const composed = composedTuple({ columns: COLUMNS, withOrdinal });
      const cells = fc.tuple(fc.nat({ max: TYPES.length - 1 }), value);
      fc.assert(
        fc.property(fc.array(cells, { maxLength: 4 }), (given) => {
          const record = Object.fromEntries(given.map(([column, v]) => [`c${column}`, v]));
          expect(outcome(generated, record)).toBe(outcome(composed, record));
        }),
        { numRuns: 3000 },
      );
    },
  );

  it('is whole or not there, whatever room is left (G2)', () => {
    const generated = generatedTuple({ columns: COLUMNS, withOrdinal: true });
    const record = {
      c2: 5,
      c5: '12345.678',
      c7: 'é'.repeat(50),
      c9: Buffer.alloc(60),
      c10: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      c13: [1, 2, 3],
      c14: [1, null, 3],
    };
    const whole = outcome(generated, record);
    for (let room = 0; room < 600; room += 1) {
      const target = targetOf(room);
      const end = generated(record, 77, target, 0);
      if (end === NO_ROOM) continue;
      expect(end).toBeLessThanOrEqual(target.bytes.length);
      expect(target.bytes.subarray(0, end).toString('hex')).toBe(whole);
    }
  });

  it('grows its rows for a huge record, and leaves no trace of a refused one (G2, G5)', () => {
    const tuple = generatedTuple({ columns: COLUMNS, withOrdinal: true });
    const rows = new TupleRows(COLUMNS.length);
    const kept: Buffer[] = [];
    const sink = { blocked: false, writeBytes: (bytes: Buffer) => kept.push(Buffer.from(bytes)) };
    rows.add(tuple, { c0: 1 }, 1);
    expect(() => rows.add(tuple, { c7: 'x'.repeat(1_000_000), c0: 'no' }, 2)).toThrow();
    rows.add(tuple, { c7: 'x'.repeat(1_000_000) }, 2);
    rows.drain(sink);
    expect(rows.size).toBe(0);
    expect(rows.bytes.length).toBeLessThan(200_000);
    const expected = ['1', '2'].map((n) =>
      outcomeOf(tuple, n === '1' ? { c0: 1 } : { c7: 'x'.repeat(1_000_000) }, Number(n)),
    );
    expect(Buffer.concat(kept).equals(Buffer.concat(expected))).toBe(true);
  });

  it('takes no memory of its own (G5)', () => {
    const columns = COLUMNS.filter(({ codec }) => codec.native?.path !== undefined);
    const tuple = generatedTuple({ columns, withOrdinal: true });
    const records = Array.from({ length: 1000 }, (_, i) => ({
      c0: i,
      c1: i * 1000,
      c2: i * 1e10,
      c3: i / 7,
      c4: i / 3,
      c6: i % 2 === 0,
      c7: `text of record ${i}`.slice(0),
      c8: 'x'.repeat(i % 6),
      c12: new Date(1.7e12 + i),
    }));
    const target = targetOf(4096);
    const run = (rounds: number) => {
      for (let r = 0; r < rounds; r += 1) {
        for (let i = 0; i < records.length; i += 1) {
          tuple(records[i] as object, r * 1000 + i, target, 0);
        }
      }
    };
    run(300);
    // What a collection frees meanwhile would hide it, so the smallest of some runs counts, none below zero.
    const grown = Array.from({ length: 5 }, () => {
      const before = process.memoryUsage().heapUsed;
      run(100);
      return process.memoryUsage().heapUsed - before;
    });
    // Less than a byte for each of 100,000 records would be an object for each hundredth of them.
    expect(Math.min(...grown.filter((bytes) => bytes >= 0))).toBeLessThan(100_000);
  });
});

function outcomeOf(
  tuple: ReturnType<typeof generatedTuple>,
  record: object,
  ordinal: number,
): Buffer {
  const target = targetOf(2_000_000);
  return target.bytes.subarray(0, tuple(record, ordinal, target, 0));
}
