import { describe, expect, it } from 'vitest';
import type { ColumnsOption } from '../../../src/core/record-columns.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { RelytError } from '../../../src/errors.ts';
import { column } from '../../../src/records/column-decorator.ts';
import { createRecordEncoder } from '../../../src/records/encoder.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { targetColumn, targetTable } from './target-fixture.ts';

const table = targetTable(
  [
    targetColumn('id', 'int8', { notNull: true }),
    targetColumn('name', 'text'),
    targetColumn('created_at', 'timestamptz', { hasDefault: true, notNull: true }),
    targetColumn('total', 'int4', { generated: true }),
    targetColumn('toString', 'text'),
  ],
  ['id'],
);

function staged(first: unknown, columns?: ColumnsOption): string[] {
  return resolveMapping({ table, columns, first }).columns.map(
    ({ column: { name }, property }) => `${name}<${property}`,
  );
}

function errorOf(action: () => unknown): RelytError {
  try {
    action();
  } catch (error) {
    if (error instanceof RelytError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function encodeAll(records: readonly unknown[], columns?: ColumnsOption): string[] {
  const mapping = resolveMapping({ table, columns, first: records[0] });
  const encoder = createRecordEncoder({ table, mapping, lanes: 1 });
  return records.map((record, i) => encoder.encode(record, i + 1));
}

describe('columns without a mapping', () => {
  it('stages all that have no default, and those with one that the first record gives', () => {
    expect(staged({ id: 1 })).toEqual(['id<id', 'name<name', 'toString<toString']);
    expect(staged({ created_at: new Date(), id: 1 })).toEqual([
      'id<id',
      'name<name',
      'created_at<created_at',
      'toString<toString',
    ]);
    expect(staged({ id: 1, created_at: undefined })).not.toContain('created_at<created_at');
  });

  it.each<[unknown, ErrorCode, RegExp, RegExp]>([
    [{ id: 1, nmae: 'x' }, 'COLUMN_UNKNOWN', /no column "nmae"/, /Did you mean "name"/],
    [{ id: 1, createdAt: 1 }, 'COLUMN_UNKNOWN', /"createdAt"/, /"created_at"/],
    [{ name: 'x' }, 'COLUMN_MISSING', /"id" \(int8\) of public\.t/, /every record/],
    [{ id: 1, total: 1 }, 'COLUMN_GENERATED', /"total"/, /Leave the column out/],
    [[1, 'x'], 'COLUMN_UNKNOWN', /is an array, and the setting columns/, /\{ "id": 0, "name": 1, /],
    [[], 'COLUMN_UNKNOWN', /is an array/, /columns/],
    [new Map([['id', 1]]), 'COLUMN_MISSING', /"id"/, /every record/],
    ['text', 'RECORD_INVALID', /not an object: got string/, /objects/],
    [null, 'RECORD_INVALID', /not an object: got null/, /objects/],
    [undefined, 'RECORD_INVALID', /not an object: got undefined/, /objects/],
  ])('refuses the first record %o with %s (G8)', (first, code, message, hint) => {
    const error = errorOf(() => staged(first));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('says which property of the first record throws when it is read (G8)', () => {
    const boom = new Error('boom');
    const refuse = () => {
      throw boom;
    };
    const throwing = (name: string, rest: object = {}) =>
      Object.defineProperty({ ...rest }, name, { enumerable: true, get: refuse });
    for (const [first, columns, details, words] of [
      [throwing('name', { id: 1 }), undefined, { column: 'name' }, 'its property "name"'],
      [throwing('x', { id: 1 }), undefined, { column: 'x' }, 'its property "x"'],
      [throwing('key'), { id: 'key' }, { column: 'id' }, 'its property "key"'],
      [new Proxy({}, { ownKeys: refuse }), undefined, {}, 'it'],
    ] as const) {
      const error = errorOf(() => staged(first, columns));
      expect(error.code).toBe('RECORD_INVALID');
      expect(error.message).toBe(
        `The first record threw an error when ${words} was read (see the cause).`,
      );
      expect(error.details).toEqual({ table: 'public.t', ...details });
    }
    expect(errorOf(() => staged(throwing('name', { id: 1 }))).cause).toBe(boom);
  });

  it('takes no array after objects', () => {
    const error = errorOf(() => encodeAll([{ id: 1 }, [2, 'x']]));
    expect(error.message).toBe('Record 2 is an array, not an object.');
    expect(error.details.record).toBe(2);
  });

  it('goes on with the columns a resumed task had, whatever its first record gives', () => {
    const before = ['id', 'name', 'toString'];
    const first = { id: 1, created_at: '2026-01-01' };
    const mapping = resolveMapping({ table, first, staged: before });
    expect(mapping.columns.map(({ column: { name } }) => name)).toEqual(before);
    // What those columns cannot take is refused, not dropped.
    const encoder = createRecordEncoder({ table, mapping, lanes: 1 });
    expect(errorOf(() => encoder.encode(first, 1)).code).toBe('RECORD_INVALID');
  });

  it('drops nothing of a later record without a word (G2)', () => {
    const first = { id: 1, name: 'a' };
    for (const [later, wrong, hint] of [
      [{ id: 2, name: 'b', nmae: 'c' }, /"nmae" is not a column/, /"name"/],
      [
        { id: 2, created_at: new Date() },
        /first record left out/,
        /all records,.* a value for it.*`columns`.*--columns/,
      ],
      [{ id: 2, total: 5 }, /generated/, /Correct/],
      [{ nmae: 'c' }, /"nmae" is not a column/, /"name"/],
    ] as const) {
      const error = errorOf(() => encodeAll([first, later]));
      expect(error.code).toBe('RECORD_INVALID');
      expect(error.message).toMatch(wrong);
      expect(error.hint).toMatch(hint);
      expect(error.details.record).toBe(2);
    }
  });

  it('finds an unknown property whatever its place and however the objects differ (G2)', () => {
    const encoder = createRecordEncoder({
      table,
      mapping: resolveMapping({ table, first: { id: 1 } }),
      lanes: 1,
    });
    const hidden = Object.defineProperty({ extra: 1 }, 'id', { value: 5 });
    const inherited = Object.assign(Object.create({ id: 5 }), { extra: 1 });
    for (const record of [hidden, inherited, { extra: 1, id: 5 }, { id: 5, extra: 1 }]) {
      encoder.encode({ id: 4, name: 'x' }, 1);
      encoder.encode({ name: 'x', id: 4 }, 1);
      expect(errorOf(() => encoder.encode(record, 2)).message).toMatch(/"extra" is not a column/);
    }
    expect(encoder.encode({ id: 5, extra: undefined }, 3)).toBe('3,5,,\n');
    expect(errorOf(() => encoder.encode({ id: 5, extra: 0 }, 4)).message).toMatch(/"extra"/);
  });

  it('refuses a record without a value for a staged column with a default', () => {
    const first = { id: 1, created_at: new Date(0) };
    const error = errorOf(() => encodeAll([first, { id: 2 }]));
    expect(error.message).toMatch(/Record 2, column "created_at" \(timestamptz\): no value/);
    expect(error.hint).toMatch(/every record/);
  });

  it('takes inherited methods for no values', () => {
    expect(encodeAll([{ id: 1 }, { id: 2, toString: 'own' }])).toEqual(['1,1,,\n', '2,2,,own\n']);
  });
});

describe('columns named by the user', () => {
  it('stages exactly those, ignores other properties, reads indices', () => {
    expect(staged({ id: 1, x: 2 }, ['id'])).toEqual(['id<id']);
    expect(staged([7, 'x'], { name: 1, id: 0 })).toEqual(['name<1', 'id<0']);
    expect(encodeAll([{ key: 1, junk: 2 }], { id: 'key' })).toEqual(['1,1\n']);
    expect(encodeAll([[7, 'x', 'junk']], { name: 1, id: 0 })).toEqual(['1,x,7\n']);
  });

  it.each<[ColumnsOption, unknown, ErrorCode, RegExp]>([
    [['id', 'nme'], { id: 1 }, 'COLUMN_UNKNOWN', /"nme"/],
    [['id', 'total'], { id: 1 }, 'COLUMN_GENERATED', /"total"/],
    [['name'], { id: 1 }, 'COLUMN_MISSING', /"id".*not mapped/],
    [{ id: 'key' }, { id: 1 }, 'COLUMN_MISSING', /no property "key"/],
    [{ id: 3 }, [1], 'COLUMN_MISSING', /no element 3/],
    [['id', 'name'], [1, 'x'], 'COLUMN_UNKNOWN', /is an array/],
    [[], { id: 1 }, 'CONFIG_INVALID', /empty/],
    [['id', 'id'], { id: 1 }, 'CONFIG_INVALID', /twice/],
    [{ id: 1.5 }, { id: 1 }, 'CONFIG_INVALID', /neither/],
  ])('refuses %o for the record %o with %s', (columns, first, code, message) => {
    const error = errorOf(() => staged(first, columns));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('never makes a row of NULLs out of a record that has none of the properties (G2)', () => {
    const nullable = targetTable([targetColumn('a', 'int4'), targetColumn('b', 'text')]);
    for (const columns of [['a', 'b'], undefined]) {
      const mapping = resolveMapping({ table: nullable, columns, first: { a: 1 } });
      const encoder = createRecordEncoder({ table: nullable, mapping, lanes: 1 });
      expect(encoder.encode({ a: null, b: null }, 1)).toBe('1,,\n');
      for (const record of [new Map([['a', 1]]), {}, []]) {
        const error = errorOf(() => encoder.encode(record, 2));
        expect(error.message).toBe('Record 2 gives no column a value.');
        expect(error.hint).toMatch(/fromEntries/);
      }
    }
  });
});

describe('@column', () => {
  class Person {
    @column('id') key = 1;
    @column() name: string;
    ignored = 'x';
    constructor(name: string) {
      this.name = name;
    }
  }

  class Customer extends Person {
    @column('created_at')
    get since(): Date {
      return new Date(0);
    }
  }

  class Accessors {
    @column('id') accessor key = 3n;
  }

  it('stages exactly the marked properties', () => {
    expect(staged(new Person('ann'))).toEqual(['id<key', 'name<name']);
    expect(encodeAll([new Person('ann'), new Person('bob')])).toEqual(['1,1,ann\n', '2,1,bob\n']);
  });

  it('is inherited, without touching the parent class', () => {
    expect(encodeAll([new Customer('ann')])[0]).toMatch(/1970-01-01 00:00:00\.000Z/);
    expect(staged(new Person('ann'))).toEqual(['id<key', 'name<name']);
  });

  it('marks accessors, and gives way to the columns setting', () => {
    expect(encodeAll([new Accessors()])).toEqual(['1,3\n']);
    expect(staged(new Person('ann'), { id: 'ignored' })).toEqual(['id<ignored']);
  });

  it('refuses static and private members', () => {
    const declare = () => {
      class Wrong {
        @column() static id = 1;
        name = 'x';
      }
      return Wrong;
    };
    expect(errorOf(declare).code).toBe('CONFIG_INVALID');
  });
});
