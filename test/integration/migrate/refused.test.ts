// What a migration refuses before it moves anything, and how it says so.

import { describe, expect, test } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import { createRole } from '../../support/database.ts';
import { failureOf } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { migrateAs, migratorOf, routedTablesOn } from './routed-tables.ts';

describe('a migration is refused (G8)', () => {
  const makeTable = routedTablesOn(defaultServer());

  test.each([
    ['threshold 0', { threshold: 0 }, /threshold.* is 0/],
    ['a negative threshold', { threshold: -5 }, /threshold.* is -5/],
    ['half a row', { batchRows: 0.5 }, /batchRows.* is 0\.5/],
    ['no tables', { tables: [] }, /names no table/],
    ['a table without its schema', { tables: ['events'] }, /events is named without its schema/],
    ['no name of a table', { tables: ['a.b.c'] }, /"a\.b\.c" is not the name of a table/],
    ['an unknown mode', { onConflict: 'merge' as never }, /onConflict.* is "merge"/],
  ])('%s', async (_, options, message) => {
    const failure = await failureOf(
      migrateGroups({}, { tables: ['public.t'], threshold: 1, ...options }),
    );
    expect(failure.code).toBe('CONFIG_INVALID');
    expect(failure.message).toMatch(message);
  });

  test('the hint for a table without its schema says what to write', async () => {
    const failure = await failureOf(migrateGroups({}, { tables: ['events'], threshold: 1 }));
    expect(failure.hint).toContain('public.events');
  });

  test('a table that is not there, or not routed; nothing of the tables before it moves', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 100);
    const other = await makeTable();
    const tables = [`public.${t.name}`, `public.${other.name}`];
    const failure = await failureOf(t.migrate({ tables }));
    expect(failure).toMatchObject({ code: 'ROUTING_INVALID', details: { table: tables[1] } });
    expect(failure.hint).toContain(`relyt init --routing ${tables[1]}`);
    expect(await failureOf(t.migrate({ tables: ['public.nowhere'] }))).toMatchObject({
      code: 'TABLE_NOT_FOUND',
    });
    expect(await t.routed()).toEqual([]);
  });

  test('a foreign key that would follow the deletion', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 100);
    await t.database.query(
      `create table child${t.name} (t bigint references ${t.main} on delete cascade)`,
    );
    await t.database.query(`insert into child${t.name} values (5)`);
    const failure = await failureOf(t.migrate());
    expect(failure.code).toBe('MIGRATION_REFUSED');
    expect(failure.message).toContain(`child${t.name}`);
    expect(await t.database.query(`select * from child${t.name}`)).toHaveLength(1);
  });

  test('a role that row security hides rows from', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 100);
    const role = await migratorOf(t);
    await t.database.query(`alter table ${t.main} enable row level security`);
    expect((await failureOf(migrateAs(role, t))).message).toContain('Row security');
    expect(await t.routed()).toEqual([]);
    await t.database.query(`alter table ${t.main} disable row level security`);
    await migrateAs(role, t);
    expect(await t.routed()).toEqual(['1']);
    await t.database.query(`drop owned by ${role.name}`);
  });

  test('a role without rights is told who may', async () => {
    const t = await makeTable();
    await t.setUp();
    await t.fill(1, 1, 100);
    const role = await createRole(t.database, 'nobody');
    const options = { tables: [`public.${t.name}`], threshold: 1 };
    const migrate = () =>
      failureOf(migrateGroups({ postgresql: { connectionString: role.url } }, options));
    const refused = {
      code: 'DATABASE_PERMISSION_DENIED',
      hint: expect.stringContaining('as the owner of the main and the auxiliary table'),
    };
    expect(await migrate()).toMatchObject(refused);
    await t.database.query(`grant usage on schema relyt_sys to ${role.name}`);
    await t.database.query(`grant all on all tables in schema relyt_sys to ${role.name}`);
    await t.database.query(`grant select on ${t.main}, ${t.auxiliary} to ${role.name}`);
    expect(await migrate()).toMatchObject({ ...refused, details: { sqlstate: '42501' } });
    await t.database.query(`drop owned by ${role.name}`);
    expect(await t.counts(t.main)).toEqual({ 1: 100 });
    await t.expectSettled(100);
  });
});
