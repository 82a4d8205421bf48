// `relyt uninstall` leaves the catalogue as it was before `relyt init`, and takes nothing that is another's along (G7).

import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/connected.ts';
import { listKeys } from '../../support/bucket.ts';
import { ensureBuilt } from '../../support/build.ts';
import { createRole, type TestRole } from '../../support/database.ts';
import { failureOf, TestTarget } from '../../support/loading.ts';
import { DONE, hintedCommands, hintOf, runHinted } from '../hints/hinted.ts';
import { failedTask, keysOf } from '../operations/interrupted-tasks.ts';
import { catalogueOf } from './installed-catalogue.ts';
import { relyt } from './relyt.ts';
import { accessTo, environmentOf, relytOn, said } from './relyt-on.ts';
import { bareTarget, people, prepared, removed } from './uninstallable.ts';

const NOTHING = 'There is nothing to remove: this database has no schema relyt_sys.\n';

// A build takes longer than a hook may, on a busy machine.
beforeAll(() => ensureBuilt(), 600_000);

describe('uninstall leaves the catalogue as it was', () => {
  test('after init with S3, a role, and a load through S3', async () => {
    const { target, database, before } = await bareTarget();
    const role = await createRole(database, 'loader');
    expect(await relytOn(target, 'init', '--role', role.name)).toMatchObject(DONE);
    const load = ['load', people(50), '--table', 'people', '--engine', 'postgres'];
    expect(await relytOn(target, ...load)).toMatchObject({ code: 0 });

    const result = await relytOn(target, 'uninstall', '--yes');

    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain('  table     relyt_sys.relyt_loader_task\n');
    expect(result.stderr).toContain('  extension file_fdw\n');
    expect(await catalogueOf(database)).toEqual(before);
    expect(await target.count()).toBe(50);
    expect(await listKeys(`${target.prefix}/`)).toEqual([]);
    expect(await relytOn(target, 'uninstall')).toEqual({ code: 0, stdout: NOTHING, stderr: '' });
  });

  test('as an owner who is no superuser', async () => {
    const { target, database, before } = await bareTarget();
    const owner = await asOwner(target);
    const env = { ...environmentOf(target), DATABASE_URL: owner.url };
    expect(await relyt(['init', '--engine', 'copy'], { env })).toMatchObject(DONE);
    const load = ['load', people(5), '--table', 'people', '--engine', 'copy'];
    expect(await relyt(load, { env })).toMatchObject({ code: 0 });

    expect(await relyt(['uninstall', '--yes'], { env })).toMatchObject({ code: 0 });

    expect(await catalogueOf(database)).toEqual(await withGrants(before, database));
    expect(await target.count()).toBe(5);
  });

  test('by the statements that --dry-run prints, which change nothing themselves', async () => {
    const { target, database, before } = await prepared();
    const installed = await catalogueOf(database);

    const { code, stdout } = await relytOn(target, 'uninstall', '--dry-run');

    expect(code).toBe(0);
    expect(await catalogueOf(database)).toEqual(installed);
    await database.query(stdout);
    expect(await catalogueOf(database)).toEqual(before);
  });

  test('but for an extension that was there before', async () => {
    const { target, database } = await bareTarget();
    await database.query('create extension file_fdw');
    const before = await catalogueOf(database);
    expect(await relytOn(target, 'init')).toMatchObject(DONE);

    const result = await relytOn(target, 'uninstall', '--yes');

    expect(result.stderr).toContain('the extension file_fdw, which may have been there before');
    expect(await catalogueOf(database)).toEqual(before);
  });

  test('with routing: the view and the routing table go, the auxiliary table stays', async () => {
    const { target, database } = await prepared('id int primary key, group_id int');
    const routing = ['--routing', 'public.people', '--view'];
    expect(await relytOn(target, 'init', ...routing)).toMatchObject(DONE);
    await removed(target);
    const [found] = await database.query(
      `select to_regclass('people_relyt_all') as view, to_regclass('people_relyt_massive_group')::text as auxiliary`,
    );
    expect(found).toEqual({ view: null, auxiliary: 'people_relyt_massive_group' });
  });
});

describe('uninstall and S3', () => {
  test('objects of other databases below the prefix stay', async () => {
    const one = await prepared();
    const other = new TestTarget((await prepared()).database, one.target);
    const { processId } = await failedTask(other, { engine: 'copy' });
    await failedTask(one.target, { engine: 'copy' });
    const kept = await keysOf(other, processId);
    expect(kept).not.toEqual([]);

    await removed(one.target, '--discard');

    expect(await listKeys(`${one.target.prefix}/`)).toEqual(kept);
  });

  test('out of reach, nothing is removed; --keep-s3 of the hint does without', async () => {
    const { target, database, before } = await prepared();
    const { processId } = await failedTask(target, { engine: 'copy' });
    await database.query(`alter table people drop constraint poison`);
    await database.query(
      `update relyt_sys.sdk_loader_config set config_value = 'http://127.0.0.1:1' where config_name = 'endpoint'`,
    );
    const env = { DATABASE_URL: database.url };
    const args = ['uninstall', '--yes', '--discard', '--json'];
    const result = await relyt(args, { env });
    expect(said(result).message).toMatch(/^Nothing was removed from the database, because/);
    const command = hintedCommands(hintOf(result)).at(-1) ?? '';
    expect(command).toBe('relyt uninstall --keep-s3');

    expect(await runHinted(target, `${command} --yes --discard`, { env })).toMatchObject({
      code: 0,
    });

    expect(await catalogueOf(database)).toEqual(before);
    expect(await keysOf(target, processId)).not.toEqual([]);
  });

  test('half done, it can be run again, and what came after the plan is not discarded', async () => {
    const { target, database, before } = await prepared();
    const { processId } = await failedTask(target, { engine: 'copy' });
    await database.query(`alter table people drop constraint poison`);
    await using handle = await connect(accessTo(target));
    const plan = await handle.planUninstall({ discard: true });
    await database.query(
      `insert into relyt_sys.relyt_loader_reject (process_id, record_ordinal, stage, code, reason, created_at, owner_role)
       values ($1, 1, 'encode', 'x', 'came later', now(), current_user)`,
      [processId],
    );

    const failure = await failureOf(handle.uninstall({ plan, discard: true }));

    expect(failure).toMatchObject({ code: 'UNINSTALL_REFUSED' });
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'CANCELLED' });
    await removed(target, '--discard');
    expect(await catalogueOf(database)).toEqual(before);
    expect(await keysOf(target, processId)).toEqual([]);
  });
});

/** A role that may create schemas here and owns the table. */
async function asOwner({ database, sql }: TestTarget): Promise<TestRole> {
  const role = await createRole(database, 'owner');
  const name = pg.escapeIdentifier(role.name);
  await database.query(`grant create on database ${pg.escapeIdentifier(database.name)} to ${name}`);
  await database.query(`grant all on ${sql} to ${name}`);
  return role;
}

/** The grant of `asOwner` came after `before` was read. */
async function withGrants(
  before: Record<string, object[]>,
  database: Parameters<typeof catalogueOf>[0],
): Promise<Record<string, object[]>> {
  const [people] = await database.query(
    `select relacl::text from pg_class where relname = 'people'`,
  );
  const relations = (before.relations ?? []).map((row) =>
    (row as { name: string }).name === 'people' ? { ...row, ...people } : row,
  );
  return { ...before, relations };
}
