import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Repertoire } from '../../../src/core/repertoire.ts';
import type { ColumnType } from '../../../src/core/target-table.ts';
import { isJson } from '../../../src/records/codecs/json-check.ts';
import { createRecordEncoder } from '../../../src/records/encoder.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import type { RecordEncoder } from '../../../src/records/record-encoder.ts';
import { arrayOf, targetColumn, targetTable, typeOf } from './target-fixture.ts';

/** Enough repetitions to make any text a long one, and to end its pieces anywhere in it. */
const TIMES = 40_000;

function encoderOf(type: ColumnType, repertoire?: Repertoire): RecordEncoder {
  const table = targetTable([targetColumn('a', 'int4'), targetColumn('v', type)]);
  const mapping = resolveMapping({ table, columns: ['a', 'v'], first: { a: null, v: null } });
  return createRecordEncoder({ table, mapping, lanes: 1, repertoire });
}

/** The text of the field, as it is staged. */
function staged(type: ColumnType, v: unknown): string {
  const encoder = encoderOf(type);
  const line = encoder.encode({ a: 5, v }, 7);
  expect(line).toBe('7,5,\0\n');
  const field = Buffer.concat(encoder.longFields.flat()).toString();
  expect(field.startsWith('"') && field.endsWith('"')).toBe(true);
  return field.slice(1, -1).replaceAll('""', '"');
}

describe('a long field (G4)', () => {
  it('is staged as the text it is, wherever its pieces end', () => {
    const piece = fc.string({ unit: fc.constantFrom('"', '😀', 'é', ',', '\n', '\\', 'x') });
    fc.assert(
      fc.property(
        piece.filter((text) => text !== ''),
        (text) => {
          const long = text.repeat(TIMES * 2);
          expect(staged(typeOf('text'), long) === long).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is what a short one of the same kind would be', () => {
    const numbers = Array.from({ length: TIMES }, (_, i) => i / 4);
    const bytes = Buffer.from(Uint8Array.from({ length: TIMES }, (_, i) => i));
    const value = { 'k"': numbers, text: '\u0001😀"'.repeat(TIMES), none: undefined, nil: null };
    expect(staged(arrayOf(typeOf('float8')), numbers)).toBe(`{${numbers.join(',')}}`);
    expect(
      staged(
        arrayOf(typeOf('float8')),
        numbers.map((n) => [n]),
      ),
    ).toBe(`{${numbers.map((n) => `{${n}}`).join(',')}}`);
    expect(staged(typeOf('vector'), numbers)).toBe(`[${numbers.join(',')}]`);
    expect(staged(typeOf('bytea'), bytes)).toBe(`\\x${bytes.toString('hex')}`);
    expect(staged(typeOf('bytea'), '\\001a\\\\'.repeat(TIMES))).toBe(
      `\\x${'01615c'.repeat(TIMES)}`,
    );
    expect(staged(typeOf('bytea'), `\\x${'0A \n1b'.repeat(TIMES)}`)).toBe(
      `\\x${'0a1b'.repeat(TIMES)}`,
    );
    expect(staged(typeOf('varbit'), `x${'0f'.repeat(TIMES)}`)).toBe(`x${'0f'.repeat(TIMES)}`);
    expect(staged(typeOf('jsonb'), value) === JSON.stringify(value)).toBe(true);
  });

  it('leaves nothing in the next record, also after a refusal in the middle of it', () => {
    const encoder = encoderOf(typeOf('jsonb'));
    const bad = [...Array.from({ length: TIMES }, (_, i) => i), Number.NaN];
    expect(() => encoder.encode({ a: 1, v: bad }, 1)).toThrow(/NaN/);
    expect(encoder.encode({ a: 1, v: [1] }, 2)).toBe('2,1,[1]\n');
    expect(encoder.longFields).toEqual([]);
  });

  it('is refused where the database cannot store one of its characters, with its column', () => {
    const latin = new Repertoire('LATIN1', new Uint8Array(8192).fill(0xff, 0, 32));
    const encoder = encoderOf(typeOf('text'), latin);
    const text = 'é'.repeat(TIMES * 3);
    expect(encoder.encode({ a: 1, v: text }, 1)).toBe('1,1,\0\n');
    expect(() => encoder.encode({ a: 1, v: `${text}数` }, 2)).toThrow(/column "v" .*U\+6570/);
  });
});

describe('the check of long JSON text', () => {
  it('says what JSON.parse says', () => {
    const blanks = ' '.repeat(70_000);
    const json = fc.oneof(
      fc.json(),
      fc.string({ unit: fc.constantFrom('[', ']', '{', '}', ',', ':', '"a"', '1', ' ', 'null') }),
    );
    fc.assert(
      fc.property(json, (text) => {
        expect(isJson(text + blanks)).toBe(isJson(text));
      }),
      { numRuns: 300 },
    );
    expect(isJson('['.repeat(90_000) + ']'.repeat(90_000))).toBe(true);
  });
});
