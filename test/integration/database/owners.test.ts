// G6, G7: whose a task is while roles come and go: members, a role that is dropped, the schema's owner, the Go SDK.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createRole, type TestRole } from '../../support/database.ts';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';
import {
  as,
  loaderOf,
  OWNED_TABLES,
  resumeAs,
  rowsOf,
  type TwoRoles,
  tableOf,
  twoRoles,
} from './two-roles.ts';

const REFUSED = { code: '42501' };
const CHECKPOINT = tableOf('checkpoint');

/** Of the tables of tasks, those in which the role sees rows of the task. */
async function seen(role: Pick<TestRole, 'url'>, processId: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of OWNED_TABLES) {
    const { count } = await as(role, `select 1 from ${tableOf(table)} where process_id = $1`, [
      processId,
    ]);
    if (count > 0) found.push(table);
  }
  return found;
}

const SECURITY = fileURLToPath(new URL('../../../docs/guide/secure.md', import.meta.url));

/** What docs/guide/secure.md tells an administrator to run. */
async function handOver({ target, alice, bob }: TwoRoles): Promise<void> {
  const [, sql = ''] =
    /^```sql\n(begin;\n[\s\S]*?owner_role = 'bob'[\s\S]*?)^```$/m.exec(
      readFileSync(SECURITY, 'utf8'),
    ) ?? [];
  expect(sql).toContain('commit;');
  await target.database.query(
    sql
      .replaceAll("'alice'", pg.escapeLiteral(alice.name))
      .replaceAll("'bob'", pg.escapeLiteral(bob.name)),
  );
}

describe.each(newestServers())('the owner of a task, on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('a member has what the role has, and its rows stay those of the role', async () => {
    const roles = await twoRoles(makeTarget);
    const { target, alice, ofAlice, ofBob } = roles;
    const member = await loaderOf(target);
    expect(await seen(member, ofAlice)).toEqual([]);
    await target.database.query(`grant "${alice.name}" to "${member.name}"`);
    expect(await seen(member, ofAlice)).toEqual(OWNED_TABLES);
    expect(await seen(member, ofBob)).toEqual([]);
    await resumeAs(target, member.url, ofAlice);
    expect(await target.count()).toBe(30 + 5);
    for (const table of ['task', 'file', 'import', 'reject'])
      expect(
        await target.database.query(
          `select distinct owner_role as owner from ${tableOf(table)} where process_id = $1`,
          [ofAlice],
        ),
      ).toEqual([{ owner: alice.name }]);
    expect((await target.checkpoint(ofAlice)).status).toBe('COMPLETED');
  });

  test('a member that does not inherit sees it once it has become the role', async () => {
    const { target, alice, ofAlice } = await twoRoles(makeTarget);
    const member = await loaderOf(target);
    await target.database.query(`alter role "${member.name}" noinherit`);
    await target.database.query(`grant "${alice.name}" to "${member.name}"`);
    expect(await seen(member, ofAlice)).toEqual([]);
    await target.database.query(`alter role "${member.name}" set role "${alice.name}"`);
    expect(await seen(member, ofAlice)).toEqual(OWNED_TABLES);
  });

  test('a role that is dropped makes nothing fail, and its task can be given to another', async () => {
    const roles = await twoRoles(makeTarget);
    const { target, alice, bob, ofAlice, ofBob } = roles;
    const { database } = target;
    await database.query(`drop owned by "${alice.name}"`);
    await database.query(`drop role "${alice.name}"`);
    expect(await seen(bob, ofAlice)).toEqual([]);
    expect(await seen(bob, ofBob)).toEqual(OWNED_TABLES);
    for (const table of OWNED_TABLES) await as(bob, `select count(*) from ${tableOf(table)}`);
    await as(bob, `update ${CHECKPOINT} set error_message = null`);
    const failure = await failureOf(resumeAs(target, database.url, ofAlice));
    expect(failure.code).toBe('RESUME_REFUSED');
    expect(failure.message).toContain(`created by the role "${alice.name}"`);
    await handOver(roles);
    expect(await seen(bob, ofAlice)).toEqual(OWNED_TABLES);
    const keys = await as(bob, `select key, process_id from ${tableOf('key')} order by key`);
    // Of the key that both have used, bob keeps his task.
    expect(keys.rows).toEqual([
      { key: 'of alice', process_id: ofAlice },
      { key: 'shared', process_id: ofBob },
    ]);
    await resumeAs(target, bob.url, ofAlice);
    expect(await target.count()).toBe(30 + 5);
  });

  test('the owner of the schema administers, superuser or not', async () => {
    const { target, alice, ofAlice, ofBob } = await twoRoles(makeTarget);
    const { database } = target;
    const dba = await createRole(database, 'dba');
    const quoted = pg.escapeIdentifier(dba.name);
    const functions = ['task_exists(text)', 'checkpoint_exists(text)', 'task_count(text)'];
    try {
      await database.query(`alter schema relyt_sys owner to ${quoted}`);
      for (const table of OWNED_TABLES)
        await database.query(`alter table ${tableOf(table)} owner to ${quoted}`);
      for (const name of functions)
        await database.query(`alter function relyt_sys.relyt_loader_${name} owner to ${quoted}`);
      expect(await seen(dba, ofAlice)).toEqual(OWNED_TABLES);
      expect(await seen(dba, ofBob)).toEqual(OWNED_TABLES);
      expect(await seen(alice, ofAlice)).toEqual(OWNED_TABLES);
      expect(await seen(alice, ofBob)).toEqual([]);
      for (const table of OWNED_TABLES)
        await as(dba, `delete from ${tableOf(table)} where process_id = $1`, [ofBob]);
      expect(await seen(database, ofBob)).toEqual([]);
      expect(await seen(alice, ofAlice)).toEqual(OWNED_TABLES);
    } finally {
      await database.query(`reassign owned by ${quoted} to current_user`);
    }
  });

  test('rows of the Go SDK stay open to all, and no task row hides them', async () => {
    const { target, alice, bob, ofBob } = await twoRoles(makeTarget);
    const { database } = target;
    const insert = `insert into ${CHECKPOINT} (process_id, pg_table, status, start_time) values ($1, 'public.t', 'RUNNING', now())`;
    // A role that was granted its table by hand, and knows nothing of this package.
    const go = await createRole(database, 'go_sdk');
    await database.query(`grant usage on schema relyt_sys to "${go.name}"`);
    await database.query(`grant select, insert, update, delete on ${CHECKPOINT} to "${go.name}"`);
    const id = randomUUID();
    await as(go, insert, [id]);
    const change = `update ${CHECKPOINT} set files_total = files_total + 1 where process_id = '${id}'`;
    for (const role of [alice, bob, go]) expect((await as(role, change)).count).toBe(1);

    const columns =
      'process_id, pg_table, engine, epoch, owner, heartbeat_at, lease_seconds, settings, sdk_version, created_at';
    const row = `select $1, 'public.t', 'copy', 1, 'bob', now(), 60, '{}', '1', now()`;
    const insertTask = `insert into ${tableOf('task')} (${columns}) ${row}`;
    const moveTask = `update ${tableOf('task')} set process_id = $1 where process_id = '${ofBob}'`;
    const overTask = `${insertTask.replace('$1', `'${ofBob}'`)} on conflict (process_id) do update set process_id = $1`;
    for (const attempt of [insertTask, moveTask, overTask])
      await expect(as(bob, attempt, [id]), attempt).rejects.toMatchObject(REFUSED);
    for (const role of [alice, bob, go]) expect((await as(role, change)).count).toBe(1);

    const visible = await as(
      go,
      `select process_id from ${CHECKPOINT} where pg_table = 'public.t'`,
    );
    expect(visible.rows).toEqual([{ process_id: id }]);
    expect(
      (await as(go, `select * from ${CHECKPOINT}`)).rows.map((it) => it.process_id),
    ).not.toContain(ofBob);
    expect((await as(go, `delete from ${CHECKPOINT} where process_id = $1`, [id])).count).toBe(1);
    expect((await as(go, `delete from ${CHECKPOINT} where process_id = $1`, [ofBob])).count).toBe(
      0,
    );
    expect(await rowsOf(target, ofBob)).toMatchObject({ checkpoint: [{}] });
  });
});
