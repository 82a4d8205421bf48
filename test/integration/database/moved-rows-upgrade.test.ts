// G1 over the upgrade by which loads see that rows were moved into a table which is lost: tasks and roles that are there
// already lose neither what they have nor what they may do.

import { describe, expect, test } from 'vitest';
import { migrateGroups } from '../../../src/administration.ts';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { installSchema } from '../../../src/database/schema/install.ts';
import { createRole } from '../../support/database.ts';
import { targetsOn } from '../../support/loading.ts';
import { testStack } from '../../support/stack.ts';
import { connect, setUpRouting } from '../migrate/routed-tables.ts';
import { RoutedTarget } from '../routing/routed-target.ts';
import { drop, finish, halfLoaded, KEYED } from '../routing/sixty-records.ts';
import { as, loaderOf, tableOf } from './two-roles.ts';

/** The schema as it was before, and upgraded again: the import rows that are there are those of an older version. */
async function upgradeFromBefore({ target: { database } }: RoutedTarget): Promise<void> {
  await database.query(`drop table ${tableOf('auxiliary')}`);
  await database.query(
    `alter table ${tableOf('import')} drop column moves_before, drop column auxiliary_moves`,
  );
  await database.query(`delete from ${tableOf('migration')} where number = 18`);
  const installer = connect(database);
  try {
    expect(await installSchema(installer, { engine: 'copy', dialect: POSTGRESQL })).toEqual([18]);
  } finally {
    await installer.close();
  }
}

describe.each(testStack().servers)('an upgrade to moves that are noted, on $name', (server) => {
  const makeTarget = targetsOn(server);

  /** A table of one role, routed and loaded by another. */
  async function rolesAndTable() {
    const target = await makeTarget(KEYED);
    const { database, table } = target;
    const loader = await loaderOf(target);
    const owner = await createRole(database, 'owner');
    await database.query(`alter table ${target.sql} owner to "${owner.name}"`);
    await database.query(`grant create on schema public to "${owner.name}"`);
    const setUp = () => setUpRouting(database, { table, roles: [loader.name] });
    await setUp();
    return { routed: new RoutedTarget(target), loader, owner, setUp };
  }

  test('a task from before loses moved rows and finds out; no role needs a new grant (G1)', async () => {
    const { routed, loader, owner, setUp } = await rolesAndTable();
    const options = { url: loader.url, engine: 'copy', batchSize: 10, batchImportSize: 1 } as const;
    await using processor = await halfLoaded(routed, options, 0);
    await processor.suspend('for this test');
    await upgradeFromBefore(routed);
    const report = await migrateGroups(
      { postgresql: { connectionString: owner.url } },
      { tables: [`public.${routed.target.table}`], threshold: 3, maxGroups: 2, batchRows: 1 },
    );
    expect(report.tables).toMatchObject([{ failed: [], groups: [{ rows: 3 }, { rows: 3 }] }]);
    await drop(routed, 'auxiliary');
    await setUp();
    await finish(routed, processor.processId, options);
  });

  test('a loader reads what moves have noted, and changes nothing; another table’s migration neither (G6)', async () => {
    const { routed, loader } = await rolesAndTable();
    const stranger = await createRole(routed.target.database, 'stranger');
    await upgradeFromBefore(routed);
    await routed.query(`grant usage on schema relyt_sys to "${stranger.name}"`);
    await routed.query(
      `grant select, insert, update on ${tableOf('auxiliary')} to "${stranger.name}"`,
    );
    const main = `'${routed.target.sql}'::regclass::oid`;
    await routed.query(`insert into ${tableOf('auxiliary')} values (${main}, 1, 1, null)`);
    const row = `from ${tableOf('auxiliary')} where main_oid = ${main}`;
    expect((await as(loader, `select 1 ${row}`)).count).toBe(1);
    const forged = `set filled = 2 where main_oid = ${main}`;
    const refused = { code: '42501' };
    await expect(as(loader, `update ${tableOf('auxiliary')} ${forged}`)).rejects.toMatchObject(
      refused,
    );
    expect((await as(stranger, `update ${tableOf('auxiliary')} ${forged}`)).count).toBe(0);
    await expect(
      as(stranger, `insert into ${tableOf('auxiliary')} values (${main}, 2, 1, null)`),
    ).rejects.toMatchObject(refused);
  });
});
