import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../../src/core/target-table.ts';
import { compare, compareRows } from '../../../src/database/comparison.ts';
import { typeOf } from '../records/target-fixture.ts';

const INT = typeOf('int4');
const SIGNS = ['<', '<=', '=', '>=', '>'] as const;
const CITEXT: ColumnType = {
  ...typeOf('citext', { schema: 'ext' }),
  operators: Object.fromEntries(SIGNS.map((sign) => [sign, `operator(ext.${sign})`])) as Required<
    NonNullable<ColumnType['operators']>
  >,
};

describe('values are compared as the key is, whatever the search path (G7)', () => {
  test('by pg_catalog, or by the operator of the type and no better fit', () => {
    expect(compare('a.x', '=', 'b.x', INT)).toBe('a.x operator(pg_catalog.=) b.x');
    expect(compare('a.x', '=', 'b.x', CITEXT)).toBe(
      '(a.x)::"ext"."citext" operator(ext.=) (b.x)::"ext"."citext"',
    );
  });

  test('rows at once where one schema has all operators, else column by column', () => {
    const columns = ['a.x', 'a.y'];
    const right = ['$1', '$2'];
    expect(compareRows(columns, '>', { right, types: [INT, INT] })).toBe(
      '(a.x, a.y) operator(pg_catalog.>) ($1, $2)',
    );
    const [x, y] = ['(a.x)::"ext"."citext"', '($1)::"ext"."citext"'];
    expect(compareRows(columns, '<=', { right, types: [CITEXT, INT] })).toBe(
      `(${x} operator(ext.<=) ${y} and (${x} operator(ext.<) ${y} or a.y operator(pg_catalog.<=) $2))`,
    );
  });
});
