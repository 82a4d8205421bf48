// What correctness needs across roles stays visible: moves and routing, to those who load the table, and to write for
// those only who may write it (G1, G7).

import { beforeAll, describe, expect, test } from 'vitest';
import { createRole, type TestRole } from '../../support/database.ts';
import { createLoaderRole, type TestTarget, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { as, loaderOf, tableOf } from './two-roles.ts';

const MOVE = tableOf('move');
const ROUTING = tableOf('routing');

describe.each(newestServers())('rows about a table, on $name', (server) => {
  const makeTarget = targetsOn(server);
  let target: TestTarget;
  let loader: TestRole;
  let stranger: TestRole;
  let migrator: TestRole;

  const insertMove = (group: string) => `insert into ${MOVE}
    (main_table, routing_id, direction, phase, owner, epoch, heartbeat_at, lease_seconds, rows_total, started_at, updated_at)
    values ('public.${target.table}', '${group}', 'to-auxiliary', 'COPY', 'me', 1, now(), 60, 1, now(), now())`;
  const insertRouting = () => `insert into ${ROUTING} (main_table, main_column, auxiliary_column)
    values ('public.${target.table}', 'id', 'id')`;

  beforeAll(async () => {
    target = await makeTarget('id int primary key, v text');
    loader = await loaderOf(target);
    stranger = await createLoaderRole(target);
    migrator = await createRole(target.database, 'migrator');
    await target.database.query(
      `grant select, insert, update on ${target.sql} to "${migrator.name}"`,
    );
    await target.database.query(`grant usage on schema relyt_sys to "${migrator.name}"`);
    for (const role of [migrator, stranger])
      await target.database.query(
        `grant select, insert, update, delete on ${MOVE}, ${ROUTING} to "${role.name}"`,
      );
    await target.database.query(insertMove('of the administrator'));
    await target.database.query(insertRouting());
  });

  test('a loader of the table sees its moves, another role does not', async () => {
    const moves = `select routing_id from ${MOVE}`;
    expect((await as(loader, moves)).rows).toEqual([{ routing_id: 'of the administrator' }]);
    expect((await as(stranger, moves)).rows).toEqual([]);
    for (const role of [loader, stranger])
      expect((await as(role, `select main_column from ${ROUTING}`)).count).toBe(1);
  });

  test('who may not write the table writes nothing about it', async () => {
    for (const statement of [
      insertMove('forged'),
      insertRouting(),
      `${insertRouting()} on conflict do nothing`,
    ])
      await expect(as(stranger, statement), statement).rejects.toMatchObject({ code: '42501' });
    expect((await as(stranger, `delete from ${MOVE}`)).count).toBe(0);
    expect((await as(stranger, `update ${ROUTING} set main_column = 'v'`)).count).toBe(0);
  });

  test('who may has its own, and leaves the others alone', async () => {
    expect((await as(migrator, insertMove('own'))).count).toBe(1);
    expect((await as(migrator, `select 1 from ${MOVE}`)).count).toBe(2);
    expect((await as(migrator, `update ${MOVE} set epoch = epoch + 1`)).count).toBe(1);
    expect((await as(migrator, `delete from ${MOVE}`)).count).toBe(1);
    expect((await as(migrator, `update ${ROUTING} set main_column = 'v'`)).count).toBe(0);
  });

  test('a table that is dropped makes nothing fail', async () => {
    const gone = await makeTarget('id int');
    await target.database.query(
      insertMove('gone').replace(`public.${target.table}`, `public.${gone.table}`),
    );
    await target.database.query(`drop table ${gone.sql}`);
    expect((await as(loader, `select 1 from ${MOVE} where routing_id = 'gone'`)).count).toBe(0);
    expect((await as(target.database, `delete from ${MOVE} where routing_id = 'gone'`)).count).toBe(
      1,
    );
  });
});
