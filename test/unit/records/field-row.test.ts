// G4: what is read from the bytes of a file is what the codecs make of its texts, and what they refuse is refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetColumn } from '../../../src/core/target-table.ts';
import { FieldRow } from '../../../src/records/field-row.ts';
import { encoderFor } from '../../../src/records/layout-choice.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { TextColumnNeededError } from '../../../src/records/record-check.ts';
import type { EncodedRow } from '../../../src/records/record-encoder.ts';
import { NUMBER_TYPES, targetColumn, targetTable, typeOf } from './target-fixture.ts';

const TYPES = [
  ...NUMBER_TYPES,
  typeOf('numeric', { typmod: ((6 << 16) | 2) + 4 }),
  typeOf('numeric', { typmod: ((2 << 16) | 2) + 4 }),
  typeOf('bool'),
  typeOf('text'),
  typeOf('varchar', { typmod: 9 }),
  typeOf('bpchar', { typmod: 7 }),
  typeOf('citext'),
  typeOf('name'),
  typeOf('bytea'),
  typeOf('uuid'),
  typeOf('date'),
  typeOf('time'),
  typeOf('timestamp'),
  typeOf('timestamptz'),
  typeOf('jsonb'),
  typeOf('inet'),
];

const digits = (most: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: most });
const sign = fc.constantFrom('', '', '-', '+');
const two = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'));
const day = fc
  .tuple(fc.integer({ min: 1995, max: 2401 }), fc.integer({ min: 0, max: 13 }), two)
  .map(([year, month, date]) => `${year}-${String(month).padStart(2, '0')}-${date}`);
const realDay = fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, -14));
const time = fc.tuple(two, two, two).map((parts) => parts.join(':'));
const clock = fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(11, 19));
const fraction = fc.oneof(
  fc.constant(''),
  digits(8).map((part) => `.${part}`),
);
const zone = fc.constantFrom(
  '',
  'Z',
  'z',
  '+00',
  '-05',
  '+05:30',
  '-0330',
  '+5',
  '+05:3',
  '+16:00',
  '+053',
);
const anyTime = fc.tuple(fc.oneof(time, clock), fraction).map((parts) => parts.join(''));

/** Most are of the common forms, or a little beside one. */
const text = fc.oneof(
  fc.tuple(sign, digits(20)).map((parts) => parts.join('')),
  fc.bigInt({ min: -(2n ** 63n) - 10n, max: 2n ** 63n + 10n }).map(String),
  fc.constantFrom('32767', '32768', '-32768', '2147483647', '2147483648', '-2147483648'),
  fc.constantFrom('9007199254740993', '-999999999999999999', '-4294967296000000', '-0', '007', '-'),
  fc.tuple(sign, fc.oneof(digits(20), fc.constant('')), fraction).map((parts) => parts.join('')),
  fc.double().map(String),
  fc.float().map(String),
  fc.tuple(fc.double(), fc.integer({ min: 0, max: 30 })).map(([n, places]) => n.toFixed(places)),
  fc.constantFrom('1.', '.5', '.', '1e5', '1_000', 'NaN', '-Infinity', '16777217', '0.0000'),
  fc.constantFrom('t', 'f', 'true', 'FALSE', 'yes', 'on', '1', '0', 'tru', 'x', ' t '),
  fc
    .tuple(fc.oneof(day, realDay), fc.constantFrom(' ', 'T', 't', ''), anyTime, zone)
    .map((parts) => parts.join('')),
  fc.oneof(day, realDay, anyTime, fc.constantFrom('infinity', 'now', '24:00:00', '23:59:60')),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.tuple(fc.uuid(), fc.constantFrom('', '0', '-')).map(([id, more]) => id.slice(1) + more),
  fc.string({ maxLength: 100 }).map(withoutNul),
  fc.string({ unit: 'binary', maxLength: 80 }).map(withoutNul),
  fc.string({ unit: fc.constantFrom(...'019.+-:TZ eé '), maxLength: 12 }),
  fc.constantFrom(
    '{"a": 1}',
    '\\x00ff',
    '127.0.0.1',
    'x'.repeat(63),
    'é'.repeat(40),
    'y'.repeat(5000),
  ),
);

function withoutNul(value: string): string {
  return value.replaceAll('\0', '');
}

/** A row of one field, among bytes that belong to others. */
function rowOf(value: string | null, around: string): FieldRow {
  const before = Buffer.byteLength(around);
  const bytes = Buffer.from(`${around}${value ?? ''}${around}`);
  const row = new FieldRow(
    bytes,
    Int32Array.of(before, value === null ? -1 : bytes.length - before),
    bytes.every((byte) => byte < 0x80),
  );
  row.count = 1;
  return row;
}

function encoderOf(column: TargetColumn, format: 'binary' | 'tuples' | 'csv', lanes: number) {
  const table = targetTable([column], lanes > 1 ? [column.name] : []);
  const mapping = resolveMapping({ table, columns: { [column.name]: 0 }, first: ['x'] });
  const layout = format === 'csv' ? { format } : { format, forms: ['native' as const] };
  return encoderFor({ table, mapping, lanes }, layout);
}

function bytesOf(row: EncodedRow, longFields: readonly (readonly Buffer[])[]): string {
  if (typeof row === 'string') {
    const long = longFields.map((pieces) => Buffer.concat(pieces).toString());
    const line = row.replaceAll('\0', () => long.shift() ?? '');
    return Buffer.from(line).toString('latin1');
  }
  const kept: Buffer[] = [];
  row.drain({ blocked: false, writeBytes: (bytes) => void kept.push(Buffer.from(bytes)) });
  return Buffer.concat(kept).toString('latin1');
}

function outcome(encoder: ReturnType<typeof encoderOf>, record: object) {
  try {
    const row = encoder.encode(record, 77);
    return { row: bytesOf(row, encoder.longFields), lane: encoder.lane };
  } catch (error) {
    if (error instanceof TextColumnNeededError) return { textColumn: error.column };
    const { message, details, hint } = error as Error & { details: unknown; hint: unknown };
    return { message, details, hint };
  }
}

const native = TYPES.filter(({ name }) => name !== 'inet');

describe('a field of a file is the same from its bytes as from its text (G4)', () => {
  const around = fc.constantFrom('', '7', '"', ',', '00', 'é');

  it.each(native.map((type) => [`${type.name} ${type.typmod}`, type]))('%s', (_, type) => {
    const column = targetColumn('c', type);
    const encoders = [encoderOf(column, 'tuples', 1), encoderOf(column, 'binary', 4)];
    fc.assert(
      fc.property(text, around, (value, beside) => {
        for (const encoder of encoders)
          expect(outcome(encoder, rowOf(value, beside))).toEqual(outcome(encoder, [value]));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(TYPES.map((type) => [`${type.name} ${type.typmod}`, type]))('as CSV: %s', (_, type) => {
    const encoders = [1, 4].map((lanes) => encoderOf(targetColumn('c', type), 'csv', lanes));
    fc.assert(
      fc.property(text, around, (value, beside) => {
        for (const encoder of encoders)
          expect(outcome(encoder, rowOf(value, beside))).toEqual(outcome(encoder, [value]));
      }),
      { numRuns: 1000 },
    );
  });

  it('as CSV, when it is too long for a line, or has to be quoted', () => {
    const encoder = encoderOf(targetColumn('c', 'text'), 'csv', 1);
    for (const value of [
      'x'.repeat(70_000),
      'é'.repeat(40_000),
      ',"',
      '',
      '\\',
      'a\nb',
      '\r',
      ' ',
      '\\N',
    ])
      expect(outcome(encoder, rowOf(value, ''))).toEqual(outcome(encoder, [value]));
  });

  it('NULL is NULL, or refused where the column takes none', () => {
    for (const notNull of [false, true]) {
      for (const format of ['tuples', 'csv'] as const) {
        const encoder = encoderOf(targetColumn('c', 'int4', { notNull }), format, 1);
        expect(outcome(encoder, rowOf(null, '7'))).toEqual(outcome(encoder, [null]));
      }
    }
  });
});
