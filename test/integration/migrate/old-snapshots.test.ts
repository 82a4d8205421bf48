// G4: a role whose transactions would go on seeing what was there when they began migrates all the same, because ours say
// how they are isolated: what commits while a migration waits for its lock moves with the group.

import { describe, expect, test, vi } from 'vitest';
import { defaultServer } from '../../support/stack.ts';
import { migrateAs, migratorOf, type RoutedFixture, routedTablesOn } from './routed-tables.ts';

/** Writes a row of the group as a load does, and commits it once the migration waits for the lock of the load. */
async function writeBefore(
  { database, main, routing }: RoutedFixture,
  { row, migration }: { readonly row: string; readonly migration: () => Promise<unknown> },
): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(`lock table ${routing} in share mode`);
    await client.query(`insert into ${main} values ${row}`);
    const migrated = migration();
    await vi.waitFor(async () => {
      const waiting = await database.query(
        `select 1 from pg_locks where not granted and relation = '${routing}'::regclass`,
      );
      expect(waiting).toHaveLength(1);
    }, 10_000);
    await client.query('commit');
    await migrated;
  } finally {
    client.release();
  }
}

describe('a migration by a role whose transactions are', () => {
  const makeTable = routedTablesOn(defaultServer());

  test.each(['serializable', 'repeatable read'])('%s', async (isolation) => {
    const t = await makeTable();
    await t.setUp({ view: true });
    await t.fill(1, 1, 120);
    await t.fill(2, 1000, 100);
    const role = await migratorOf(t);
    await t.database.query(
      `alter role ${role.name} set default_transaction_isolation = '${isolation}'`,
    );
    const before = await t.read();
    await migrateAs(role, t, { maxGroups: 1, batchRows: 50 });
    expect(await t.routed()).toEqual(['1']);
    await writeBefore(t, { row: `(5000, 2, 'late')`, migration: () => migrateAs(role, t) });
    expect(await t.routed()).toEqual(['1', '2']);
    expect(await t.read()).toEqual([...before, { id: '5000', group_id: 2, v: 'late' }]);
    await t.expectSettled(221);
    await t.database.query(`drop owned by ${role.name}`);
  });
});
