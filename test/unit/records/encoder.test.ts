import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TargetColumn } from '../../../src/core/target-table.ts';
import { RelytError } from '../../../src/errors.ts';
import { codecOf } from '../../../src/records/codecs/codec-of.ts';
import { fieldWriter, undefinedIsNull } from '../../../src/records/column-field.ts';
import { createRecordEncoder } from '../../../src/records/encoder.ts';
import { LongFields } from '../../../src/records/long-fields.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import type { RecordEncoder } from '../../../src/records/record-encoder.ts';
import { composedRow, generatedRow, type RowColumn } from '../../../src/records/row-function.ts';
import { arrayOf, targetColumn, targetTable, typeOf } from './target-fixture.ts';

/** Names that would break generated code which pasted them in. */
const HOSTILE_NAMES = ['a"b', "c'd", 'e\\', '__proto__', 'constructor', '\u2028', '`$`', '*/', '0'];

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\\', '.', ' ', 'x', '') }),
  fc.constantFrom('', '\\.', '\\N', 'NULL', '""', '\r\n'),
);
const stageableText = anyText.filter((text) => text.isWellFormed() && !text.includes('\0'));

function encoderFor(columns: readonly TargetColumn[], lanes = 1): RecordEncoder<string> {
  const table = targetTable(columns);
  const mapping = resolveMapping({
    table,
    columns: columns.map(({ name }) => name),
    first: Object.fromEntries(columns.map(({ name }) => [name, null])),
  });
  return createRecordEncoder({ table, mapping, lanes });
}

function outcome(action: () => string): string {
  try {
    return action();
  } catch (error) {
    if (error instanceof RelytError) return `${error.code} ${error.message} ${error.hint}`;
    throw error;
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the staged line (G4)', () => {
  it('is read back field by field by an independent CSV reader, NULL apart from the empty text', () => {
    const columns = HOSTILE_NAMES.map((name) => targetColumn(name, 'text'));
    const encoder = encoderFor(columns);
    const values = fc.array(fc.option(stageableText), {
      minLength: columns.length,
      maxLength: columns.length,
    });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1 }), (rows) => {
        const lines = rows.map((row, i) => {
          const entries = HOSTILE_NAMES.map((name, j) => [name, row[j]] as const);
          const record = Object.create(null) as Record<string, unknown>;
          for (const [name, value] of entries) record[name] = value;
          return encoder.encode(record, i + 1);
        });
        const read = parse(lines.join(''), {
          record_delimiter: '\n',
          cast: (value, context) => (value === '' && !context.quoting ? null : value),
        });
        expect(read).toEqual(rows.map((row, i) => [String(i + 1), ...row]));
      }),
    );
  });

  it('quotes what the engines would take for something else, and nothing more', () => {
    const encoder = encoderFor([targetColumn('a', 'text')]);
    const field = (a: string) => encoder.encode({ a }, 9);
    expect(field('')).toBe('9,""\n');
    expect(field('\\.')).toBe('9,"\\."\n');
    expect(field('a\\b')).toBe('9,a\\b\n');
    expect(field('a"b')).toBe('9,"a""b"\n');
    expect(field('a\rb')).toBe('9,"a\rb"\n');
    expect(field(' x ')).toBe('9, x \n');
    expect(encoder.encode({ a: null }, 9)).toBe('9,\n');
  });

  it('never holds NULL for a NOT NULL column', () => {
    for (const type of ['text', 'int4', 'timestamptz', 'jsonb']) {
      const encoder = encoderFor([
        targetColumn('a', type, { notNull: true }),
        targetColumn('b', type),
      ]);
      expect(() => encoder.encode({ a: null }, 4)).toThrow(
        `Record 4, column "a" (${type}): null was given to a NOT NULL column.`,
      );
      expect(() => encoder.encode({ b: null }, 5)).toThrow(
        `Record 5, column "a" (${type}): no value was given to a NOT NULL column.`,
      );
    }
  });

  it('holds an explicit null for a nullable column with a default, but nothing for a missing value', () => {
    const encoder = encoderFor([targetColumn('a', 'int4', { hasDefault: true })]);
    expect(encoder.encode({ a: null }, 1)).toBe('1,\n');
    expect(() => encoder.encode({ a: undefined }, 2)).toThrow(/its default cannot be applied/);
  });

  it('refuses what is no record', () => {
    const encoder = encoderFor([targetColumn('a', 'text')]);
    for (const record of [null, undefined, 'x', 5, () => 1]) {
      expect(() => encoder.encode(record, 3)).toThrow(/Record 3 is not an object/);
    }
  });

  it('turns errors of getters and toJSON into rejections with their cause (G8)', () => {
    const encoder = encoderFor([targetColumn('a', 'jsonb')]);
    const boom = new Error('boom');
    const fail = () => {
      throw boom;
    };
    for (const record of [Object.defineProperty({}, 'a', { get: fail }), { a: { toJSON: fail } }]) {
      const thrown = expect.objectContaining({ code: 'RECORD_INVALID', cause: boom });
      expect(() => encoder.encode(record, 1)).toThrow(thrown);
    }
    const getter = Object.defineProperty({}, 'a', { get: fail });
    expect(outcome(() => encoder.encode(getter, 7))).toMatch(
      /^RECORD_INVALID Record 7 threw an error when its property "a" was read \(see the cause\)\. /,
    );
  });
});

/** One column of each kind the generated function treats on its own. */
const COLUMNS: readonly TargetColumn[] = [
  ...['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'bool', 'text', 'timestamp'].map(
    (type) => targetColumn(`c_${type}`, type),
  ),
  targetColumn('c_timestamptz', 'timestamptz', { notNull: true }),
  targetColumn('c_varchar', typeOf('varchar', { typmod: 3 + 4 })),
  targetColumn('c_default', 'int4', { hasDefault: true }),
  targetColumn('c_jsonb', 'jsonb'),
  targetColumn('c_array', arrayOf(typeOf('int4'))),
  targetColumn('constructor', 'text'),
];

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, undefined, true, false, 0, -0, 1, Number.NaN, 32_768, 2 ** 31, 2 ** 53, ''),
  fc.integer(),
  fc.double(),
  fc.float(),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
  anyText,
  fc.date({ noInvalidDate: false }),
  fc.date({ min: new Date('0000-12-30'), max: new Date('0001-01-03') }),
  fc.constantFrom(3e38, 3.5e38, 1e-37, 1e-38, 1e-46, -1e-46, 2n ** 63n, -(2n ** 63n)),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.object({ maxDepth: 2 }),
);

function rowColumns(): RowColumn[] {
  return COLUMNS.map((column) => {
    const codec = codecOf(column.type);
    return {
      property: column.name,
      codec,
      write: fieldWriter({ longFields: new LongFields(), column, codec }),
      noted: false,
      nullIsNull: !column.notNull,
      undefinedIsNull: undefinedIsNull(column),
    };
  });
}

describe('the generated row function', () => {
  it('writes what the composed one writes, and refuses what that refuses (G4)', () => {
    for (const column of rowColumns()) {
      const generated = generatedRow([column]);
      const composed = composedRow([column]);
      fc.assert(
        fc.property(anyValue, (value) => {
          const record = { [String(column.property)]: value };
          expect(outcome(() => generated(record, 5))).toBe(outcome(() => composed(record, 5)));
        }),
        { numRuns: 300 },
      );
    }
  });

  it('is replaced where generating code is forbidden', () => {
    const record = { a: 'x,y', b: 2n };
    const columns = [targetColumn('a', 'text'), targetColumn('b', 'int8')];
    const expected = encoderFor(columns).encode(record, 1);
    const forbidden = vi.fn(function forbid() {
      throw new EvalError('Code generation from strings disallowed');
    });
    vi.stubGlobal('Function', forbidden);
    const line = encoderFor(columns).encode(record, 1);
    expect(forbidden).toHaveBeenCalled();
    expect(line).toBe(expected);
  });
});

describe('errors of records (G8)', () => {
  it('stay short and on one line, whatever the value, and name record, column and type', () => {
    const types = [...COLUMNS, targetColumn('c_uuid', 'uuid'), targetColumn('c_bytea', 'bytea')];
    const huge = fc.constantFrom(
      'x'.repeat(1e6),
      `"${'\n'.repeat(30)}`,
      '\u0085\u2028',
      10n ** 5000n,
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.oneof(anyValue, huge), (column, value) => {
        try {
          encoderFor([column]).encode({ [column.name]: value }, 12);
        } catch (error) {
          if (!(error instanceof RelytError)) throw error;
          expect(error.code).toBe('RECORD_INVALID');
          expect(error.message.length + error.hint.length).toBeLessThan(500);
          expect(error.message).not.toMatch(/\p{Cc}|\u2028/u);
          expect(error.details.record).toBe(12);
          if (error.details.column !== undefined) {
            expect(error.message).toContain(`Record 12, column "${column.name}"`);
            expect(error.details.expected).toBe(column.sqlType);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('read like this', () => {
    const encoder = encoderFor([targetColumn('age', 'int4', { sqlType: 'integer' })]);
    const message = outcome(() => encoder.encode({ age: 'old' }, 17));
    expect(message).toMatch(
      /^RECORD_INVALID Record 17, column "age" \(integer\): string "old" is not an integer\./,
    );
  });
});
