import { describe, expect, test } from 'vitest';
import { checkColumns, csvColumnNames, csvMapping } from '../../../src/input/csv-columns.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';

const table = targetTable(
  [
    targetColumn('id', 'text', { notNull: true }),
    targetColumn('name', 'text'),
    targetColumn('twice', 'text', { generated: true }),
    targetColumn('born', 'text'),
  ],
  ['id'],
);

describe('names of the fields', () => {
  const names = (header?: readonly string[], columns?: readonly string[]) =>
    csvColumnNames({ table, header, columns });

  test('are those of the option, else of the header, else of the table without generated ones', () => {
    expect(names(['born', 'id'])).toEqual(['born', 'id']);
    expect(names(['a', 'b'], ['id', 'name'])).toEqual(['id', 'name']);
    expect(names(undefined, ['id'])).toEqual(['id']);
    expect(names()).toEqual(['id', 'name', 'born']);
  });
});

describe('the mapping', () => {
  test('is of columns to positions; an empty name is passed over', () => {
    expect(csvMapping(table, ['born', '', 'id'])).toEqual({ born: 0, id: 2 });
  });

  test.each([
    ['an unknown column', ['id', 'nmae'], 'COLUMN_UNKNOWN'],
    ['a generated column', ['id', 'twice'], 'COLUMN_GENERATED'],
    ['a column that needs a value is not there', ['name'], 'COLUMN_MISSING'],
  ])('%s', (_case, names, code) => {
    expect(() => csvMapping(table, names)).toThrow(expect.objectContaining({ code }));
  });

  test('an unknown column comes with the one that was probably meant', () => {
    expect(() => checkColumns(table, ['nmae'])).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^Did you mean "name"\?/) }),
    );
    expect(() => checkColumns(table, ['something'])).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^Name the columns/) }),
    );
  });
});
