import { describe, expect, test } from 'vitest';
import type { TargetTable } from '../../../src/core/target-table.ts';
import { migrationsFor } from '../../../src/database/schema/migrations.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { RelytError } from '../../../src/errors.ts';
import {
  auxiliaryColumn,
  columnToStore,
  findGroupColumn,
} from '../../../src/routing/find-group-column.ts';

/** Of a table, names of columns are all that counts here. */
function table(...names: string[]): TargetTable {
  const columns = names.map((name) => ({ name }));
  return { schema: 's', name: 't', columns } as unknown as TargetTable;
}

function refusal(work: () => unknown): RelytError {
  try {
    work();
  } catch (error) {
    if (error instanceof RelytError) return error;
  }
  throw new Error('it was not refused');
}

const tenant = { main: 'tenant', auxiliary: 'tenant' };

describe('G1: everybody who follows a routing comes to the same column', () => {
  test.each([
    ['the stored one, whatever is there', ['group_id', 'tenant'], tenant, undefined, 'tenant'],
    ['the stored one, named as well', ['group_id', 'tenant'], tenant, 'tenant', 'tenant'],
    ['the usual one', ['id', 'routing_id'], undefined, undefined, 'routing_id'],
    ['the usual one, named', ['group_id'], undefined, 'group_id', 'group_id'],
    ['the named one, where none is usual', ['id', 'tenant'], undefined, 'tenant', 'tenant'],
    ['one of two usual ones', ['group_id', 'routing_id'], undefined, 'routing_id', 'routing_id'],
  ])('%s', (_, names, stored, named, column) => {
    const found = findGroupColumn(table(...names), table(...names), { stored, named });
    expect(found).toEqual({ main: column, auxiliary: column });
  });

  test.each([
    [
      'another than the stored one',
      ['group_id', 'tenant'],
      tenant,
      'group_id',
      /by its column "tenant"/,
    ],
    ['a stored one that is gone', ['group_id'], tenant, undefined, /the column "tenant" any more/],
    [
      'one that others would not take',
      ['group_id', 'tenant'],
      undefined,
      'tenant',
      /would take "group_id"/,
    ],
    ['two usual ones', ['group_id', 'routing_id'], undefined, undefined, /has both/],
    ['no usual one', ['id'], undefined, undefined, /no column group_id or routing_id/],
    [
      'a named one that is not there',
      ['group_id'],
      undefined,
      'tenant',
      /no column "tenant", which/,
    ],
  ])('refused: %s', (_, names, stored, named, message) => {
    const both = table(...names);
    const failure = refusal(() => findGroupColumn(both, both, { stored, named }));
    expect(failure.code).toBe('ROUTING_INVALID');
    expect(failure.message).toMatch(message);
    expect(failure.hint).not.toBe('');
  });
});

test('a set-up stores what is named, unless something else is stored of a column that is there', () => {
  const both = table('group_id', 'tenant');
  expect(columnToStore(both, { stored: undefined, named: 'tenant' })).toBe('tenant');
  expect(columnToStore(both, { stored: tenant, named: undefined })).toBe('tenant');
  refusal(() => columnToStore(both, { stored: tenant, named: 'group_id' }));
  const renamed = table('group_id', 'team');
  expect(columnToStore(renamed, { stored: tenant, named: 'team' })).toBe('team');
  refusal(() => columnToStore(renamed, { stored: tenant, named: undefined }));
});

test('the auxiliary table has the column of the same name, or the other of the usual names', () => {
  expect(auxiliaryColumn(table('group_id', 'routing_id'), 'group_id')).toBe('group_id');
  expect(auxiliaryColumn(table('routing_id'), 'group_id')).toBe('routing_id');
  refusal(() => auxiliaryColumn(table('id'), 'tenant'));
  refusal(() => auxiliaryColumn(table('group_id', 'routing_id'), 'tenant'));
});

test.each(Object.values(PROFILES))('columns are stored on $databases', ({ engine, dialect }) => {
  const migration = migrationsFor(engine).find(({ name }) => name === 'group-columns');
  const storage = dialect.tableStorage('main_table');
  expect(migration?.sql(dialect).trimEnd().endsWith(`\n)${storage};`)).toBe(true);
  expect(storage === '').toBe(!dialect.distributed);
});
