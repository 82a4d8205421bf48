// G6, G7: direct SQL of one loader role reaches nothing of another one's tasks, whatever rights it has on the tables.

import { beforeAll, describe, expect, test } from 'vitest';
import { targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import { as, OWNED_TABLES, rowsOf, type TwoRoles, tableOf, twoRoles } from './two-roles.ts';

const REFUSED = { code: '42501' };
const TASK_COLUMNS =
  'process_id, pg_table, engine, epoch, owner, heartbeat_at, lease_seconds, settings, sdk_version, created_at';
const TASK_VALUES = `'public.t', 'copy', 1, 'bob', now(), 60, '{}', '1', now()`;

describe.each(newestServers())('rows of another role, on $name', (server) => {
  const makeTarget = targetsOn(server);
  let roles: TwoRoles;
  let before: unknown;

  beforeAll(async () => {
    roles = await twoRoles(makeTarget);
    // As an administrator may have granted it to get rid of old rows.
    for (const table of OWNED_TABLES)
      await roles.target.database.query(`grant delete on ${tableOf(table)} to "${roles.bob.name}"`);
    before = await rowsOf(roles.target, roles.ofAlice);
  });

  const unchanged = async () => expect(await rowsOf(roles.target, roles.ofAlice)).toEqual(before);

  test.each(OWNED_TABLES)('%s: only their owner sees them', async (table) => {
    const mine = `select process_id from ${tableOf(table)} where process_id = $1`;
    const { alice, bob, ofAlice, ofBob } = roles;
    expect((await as(alice, mine, [ofAlice])).count).toBeGreaterThan(0);
    expect((await as(bob, mine, [ofAlice])).count).toBe(0);
    expect((await as(bob, mine, [ofBob])).count).toBeGreaterThan(0);
    expect((await as(alice, mine, [ofBob])).count).toBe(0);
    expect(JSON.stringify(await as(bob, `select * from ${tableOf(table)}`))).not.toMatch(
      new RegExp(`${ofAlice}|secret of alice`),
    );
  });

  test.each([
    ['checkpoint', `set status = 'COMPLETED', file_details = '[]'`],
    ['task', 'set epoch = epoch + 1'],
    ['task', 'set owner_role = current_user'],
    ['file', `set s3_key = 'forged', status = 'FROZEN'`],
    ['import', 'set rows_inserted = 0, rows_skipped = num_records'],
    ['reject', `set record = '{}'`],
    ['key', `set process_id = 'forged'`],
    ['marker', `set marker = 'forged'`],
  ])('%s: are not changed by update … %s, nor locked or deleted', async (table, change) => {
    const { bob, target } = roles;
    // Of the import table a loader cannot change a row, be it its own.
    await target.database.query(`grant update on ${tableOf(table)} to "${bob.name}"`);
    const where = `where process_id = '${roles.ofAlice}'`;
    expect((await as(bob, `update ${tableOf(table)} ${change} ${where}`)).count).toBe(0);
    expect((await as(bob, `select 1 from ${tableOf(table)} ${where} for share`)).count).toBe(0);
    expect((await as(bob, `delete from ${tableOf(table)} ${where}`)).count).toBe(0);
    await unchanged();
  });

  const inserts = (id: string): readonly string[] => [
    `task (${TASK_COLUMNS}) values ('${id}', ${TASK_VALUES})`,
    `checkpoint (process_id, pg_table, status, start_time) values ('${id}', 'public.t', 'FAILED', now())`,
    `file (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at)
     values ('${id}', 77, 1, 0, 'b', 'forged', 'u', 'FROZEN', now())`,
    `import (process_id, import_id, files, num_records, rows_inserted, rows_updated, rows_skipped, rows_superseded, rows_rejected, started_at, imported_at)
     values ('${id}', 77, 1, 0, 0, 0, 0, 0, 0, now(), now())`,
    `reject (process_id, record_ordinal, stage, code, reason, created_at) values ('${id}', 77, 'encode', 'X', 'forged', now())`,
    `marker (process_id, marker, created_at) values ('${id}', 'forged', now())`,
  ];

  test('none is put beside them: not new, not on conflict, not in the name of their owner', async () => {
    const { bob, alice, ofAlice } = roles;
    for (const row of inserts(ofAlice)) {
      const [table = ''] = row.split(' ');
      const attempts = [
        row,
        `${row} on conflict do nothing`,
        row.replace(/\) +values \((.*)\)$|\)\n\s*values \((.*)\)$/s, (_, one, two) =>
          table === 'checkpoint'
            ? `) values (${one ?? two})`
            : `, owner_role) values (${one ?? two}, '${alice.name}')`,
        ),
      ];
      for (const attempt of attempts)
        await expect(
          as(bob, `insert into relyt_sys.relyt_loader_${attempt}`),
          attempt,
        ).rejects.toMatchObject(REFUSED);
    }
    const key = `insert into relyt_sys.relyt_loader_key (owner_role, process_id, pg_table, key, created_at)
      values ('${alice.name}', '${ofAlice}', 'public.t', 'forged', now())`;
    await expect(as(bob, key)).rejects.toMatchObject(REFUSED);
    await unchanged();
  });

  test.each(OWNED_TABLES)('%s: a row of bob does not become one of alice', async (table) => {
    const { alice, bob, ofAlice, ofBob } = roles;
    const of = `${tableOf(table)} set`;
    const where = `where process_id = '${ofBob}'`;
    // A key of bob's may name any task; it finds none that he does not see.
    if (table !== 'key')
      await expect(
        as(bob, `update ${of} process_id = '${ofAlice}' ${where}`),
      ).rejects.toMatchObject(REFUSED);
    if (table !== 'checkpoint')
      await expect(
        as(bob, `update ${of} owner_role = '${alice.name}' ${where}`),
      ).rejects.toMatchObject(REFUSED);
    await unchanged();
  });

  test('facts are told as facts: that there is such a task, and how many load a table', async () => {
    const { alice, bob, ofAlice, target } = roles;
    const { rows } = await as(
      bob,
      `select relyt_sys.relyt_loader_task_exists($1) as there,
      relyt_sys.relyt_loader_task_exists('nobody') as nobody`,
      [ofAlice],
    );
    expect(rows).toEqual([{ there: true, nobody: false }]);
    await using running = await target.open({ url: alice.url });
    await running.insert([{ id: 500, v: 'alice' }]);
    const count = await as(bob, `select relyt_sys.relyt_loader_task_count($1)::int as n`, [
      `public.${target.table}`,
    ]);
    expect(count.rows).toEqual([{ n: 1 }]);
    await running.shutdown();
  });
});
