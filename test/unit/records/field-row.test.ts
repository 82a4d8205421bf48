// G4: what is read from the bytes of a file is what the codecs make of its texts, and what they refuse is refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetColumn } from '../../../src/core/target-table.ts';
import { FieldRow } from '../../../src/records/field-row.ts';
import { encoderFor } from '../../../src/records/layout-choice.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { fieldText } from './field-texts.ts';
import { outcome } from './outcome.ts';
import { arrayOf, FIELD_TYPES, targetColumn, targetTable, typeOf } from './target-fixture.ts';

const TYPES = [
  ...FIELD_TYPES,
  typeOf('numeric', { typmod: ((2 << 16) | 2) + 4 }),
  typeOf('json'),
  typeOf('mood', {
    kind: 'enum',
    labels: ['true', 'x', '1', 'so so', 'sé so', 'sö so', '007', ''],
  }),
  typeOf('vector', { schema: 'public' }),
  typeOf('halfvec', { schema: 'public' }),
  typeOf('sparsevec', { schema: 'public' }),
  typeOf('vecf32', { schema: 'public' }),
  arrayOf(typeOf('int4')),
  arrayOf(typeOf('text')),
  arrayOf(typeOf('jsonb')),
];

/** A row of one field, among bytes that belong to others. */
function rowOf(value: string | null, around: string): FieldRow {
  const before = Buffer.byteLength(around);
  const bytes = Buffer.from(`${around}${value ?? ''}${around}`);
  const row = new FieldRow(
    bytes,
    Int32Array.of(before, value === null ? -1 : bytes.length - before),
    { ascii: bytes.every((byte) => byte < 0x80), count: 1 },
  );
  return row;
}

function encoderOf(column: TargetColumn, format: 'binary' | 'tuples' | 'csv', lanes: number) {
  const table = targetTable([column], lanes > 1 ? [column.name] : []);
  const mapping = resolveMapping({ table, columns: { [column.name]: 0 }, first: ['x'] });
  const layout = format === 'csv' ? { format } : { format, forms: ['native' as const] };
  return encoderFor({ table, mapping, lanes }, layout);
}

const native = TYPES.filter(({ name }) => name !== 'inet');

describe('a field of a file is the same from its bytes as from its text (G4)', () => {
  const around = fc.constantFrom('', '7', '"', ',', '00', 'é');

  it.each(native.map((type) => [`${type.name} ${type.typmod}`, type]))('%s', (_, type) => {
    const column = targetColumn('c', type);
    const encoders = [encoderOf(column, 'tuples', 1), encoderOf(column, 'binary', 4)];
    fc.assert(
      fc.property(fieldText, around, (value, beside) => {
        for (const encoder of encoders)
          expect(outcome(encoder, rowOf(value, beside))).toEqual(outcome(encoder, [value]));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(TYPES.map((type) => [`${type.name} ${type.typmod}`, type]))('as CSV: %s', (_, type) => {
    const encoders = [1, 4].map((lanes) => encoderOf(targetColumn('c', type), 'csv', lanes));
    fc.assert(
      fc.property(fieldText, around, (value, beside) => {
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
