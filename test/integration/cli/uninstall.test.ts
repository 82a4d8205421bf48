// `relyt uninstall` leaves the catalogue as it was before `relyt init`, loses no record unasked (G1, G2), and takes nothing
// that is another's along (G7).

import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { planUninstall, uninstall } from '../../../src/operations/uninstall/uninstall.ts';
import { deleteKeys, listKeys, uniquePrefix } from '../../support/bucket.ts';
import { ensureBuilt } from '../../support/build.ts';
import { createRole, createTestDatabase, type TestRole } from '../../support/database.ts';
import { failureOf, generate, TestTarget } from '../../support/loading.ts';
import { DONE, hintedCommands, hintOf, runHinted } from '../hints/hinted.ts';
import { failedTask, keysOf, record } from '../operations/interrupted-tasks.ts';
import { catalogueOf } from './installed-catalogue.ts';
import { inputFile, relyt } from './relyt.ts';
import { accessTo, environmentOf, relytOn, said } from './relyt-on.ts';

const NOTHING = 'There is nothing to remove: this database has no schema relyt_sys.\n';

// A build takes longer than a hook may, on a busy machine.
beforeAll(() => ensureBuilt(), 600_000);

/** A database of its own with a table, and what its catalogue says before `relyt init`. */
async function bareTarget(columns = 'id int primary key, v text') {
  const database = await createTestDatabase();
  const prefix = uniquePrefix();
  onTestFinished(async () => {
    await database.drop();
    await deleteKeys(prefix);
  });
  await database.query(`create table people (${columns})`);
  const target = new TestTarget(database, { schema: 'public', table: 'people', prefix });
  return { target, database, before: await catalogueOf(database) };
}

async function prepared(columns?: string) {
  const bare = await bareTarget(columns);
  expect(await relytOn(bare.target, 'init')).toMatchObject(DONE);
  return bare;
}

const people = (count: number) =>
  inputFile('people.csv', `id,v\n${[...generate(count, (n) => `${n},v${n}\n`)].join('')}`);

/** Refused, and not a statement of it stays. */
async function refused(target: TestTarget, ...more: readonly string[]) {
  const before = await catalogueOf(target.database);
  const result = await relytOn(target, 'uninstall', '--yes', '--json', ...more);
  expect(said(result)).toMatchObject({ ok: false });
  expect(await catalogueOf(target.database)).toEqual(before);
  const { code, message } = said(result);
  return { code: String(code), message: String(message), hint: hintOf(result) };
}

async function removed(target: TestTarget, ...more: readonly string[]) {
  const result = await relytOn(target, 'uninstall', '--yes', '--json', ...more);
  expect(result, result.stdout).toMatchObject(DONE);
  return said(result);
}

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

describe('uninstall is refused', () => {
  test('to a role that only loads, and says who may', async () => {
    const { target, database } = await bareTarget();
    const role = await createRole(database, 'loader');
    expect(await relytOn(target, 'init', '--role', role.name)).toMatchObject(DONE);
    const installed = await catalogueOf(database);
    const env = { ...environmentOf(target), DATABASE_URL: role.url };

    const result = await relyt(['uninstall', '--yes', '--json'], { env });

    expect(said(result)).toMatchObject({ code: 'DATABASE_PERMISSION_DENIED' });
    expect(hintOf(result)).toMatch(/^Run this as a superuser, or as a member of "/);
    expect(await catalogueOf(database)).toEqual(installed);
  });

  test('without a terminal and without --yes', async () => {
    const { target, database, before } = await prepared();
    const result = await relytOn(target, 'uninstall', '--json');
    expect(said(result)).toMatchObject({ code: 'UNINSTALL_REFUSED' });
    const [look = '', confirm = ''] = hintedCommands(hintOf(result));
    expect(await runHinted(target, look)).toMatchObject({ code: 0 });
    expect(await runHinted(target, confirm)).toMatchObject({ code: 0 });
    expect(await catalogueOf(database)).toEqual(before);
  });

  test('while a task runs, whatever is to be discarded', async () => {
    const { target, database, before } = await prepared();
    await using processor = await target.open({ engine: 'copy' });
    await processor.insert(generate(3, record));
    await processor.flush();

    const { code, message, hint } = await refused(target, '--discard');

    expect(code).toBe('UNINSTALL_REFUSED');
    expect(message).toBe(`1 task may still run: ${processor.processId} into public.people.`);
    expect(hintedCommands(hint)).toEqual(['relyt abort PROCESS_ID --force']);
    await processor.shutdown();
    await removed(target);
    expect(await catalogueOf(database)).toEqual(before);
    expect(await target.count()).toBe(3);
  });

  test('while a task can be resumed; the hint finishes it, or gives it up with its files', async () => {
    const { target } = await prepared();
    const { processId } = await failedTask(target, { engine: 'copy' });
    const { message, hint } = await refused(target);
    expect(message).toContain('1 task can be resumed');
    expect(message).toContain('with 10 records in 1 staged file not imported yet');
    const [finish, discard = ''] = hintedCommands(hint);
    expect(finish).toBe('relyt resume PROCESS_ID --finish');
    expect(await keysOf(target, processId)).not.toEqual([]);

    expect(await runHinted(target, `${discard} --yes`)).toMatchObject({ code: 0 });

    expect(await keysOf(target, processId)).toEqual([]);
    expect(await target.count()).toBe(20);
  });

  test('while rejected records are kept; the hint saves them', async () => {
    const { target, database } = await prepared('id int, v date');
    const file = inputFile('people.csv', 'id,v\n1,2001-01-01\n2,never\n');
    const load = ['load', file, '--table', 'people', '--max-errors', '5', '--json'];
    const { processId } = said(await relytOn(target, ...load));
    const { message, hint } = await refused(target);
    expect(message).toContain('1 rejected record of 1 task are kept nowhere else');
    const [errors = '', discard = ''] = hintedCommands(hint);
    const save = errors.replace('PROCESS_ID', String(processId)).replace(/ > .*/, '');

    expect((await runHinted(target, save)).stdout).toContain('never');
    expect(await runHinted(target, `${discard} --yes`)).toMatchObject({ code: 0 });

    expect(await database.query(`select from pg_namespace where nspname = 'relyt_sys'`)).toEqual(
      [],
    );
  });

  test('while a group lives in an auxiliary table; the hint moves it back', async () => {
    const { target, database } = await prepared('id int primary key, group_id int');
    await database.query('insert into people values (1, 7), (2, 7), (3, 8)');
    expect(await relytOn(target, 'init', '--routing', 'public.people')).toMatchObject(DONE);
    const migrate = ['migrate', '--tables', 'public.people', '--threshold', '2'];
    expect(await relytOn(target, ...migrate)).toMatchObject({ code: 0 });
    const { message, hint } = await refused(target, '--discard');
    expect(message).toContain('The auxiliary table of public.people holds groups');
    const [back = ''] = hintedCommands(hint);

    expect(await runHinted(target, back)).toMatchObject({ code: 0 });
    await removed(target);

    expect(await target.count()).toBe(3);
  });

  test('while a group is on its way; the hint ends the move', async () => {
    const { target, database } = await prepared('id int primary key, group_id int');
    await database.query('insert into people values (1, 7), (2, 7)');
    expect(await relytOn(target, 'init', '--routing', 'public.people')).toMatchObject(DONE);
    await database.query(
      `insert into relyt_sys.relyt_loader_move values ('public.people', '7', 'to-auxiliary', 'COPY', 'dead', 1,
         now() - interval '1 hour', 30, 2, 0, 0, null, now(), now())`,
    );
    const { message, hint } = await refused(target);
    expect(message).toContain('are being moved');
    const [finish = ''] = hintedCommands(hint);

    expect(await runHinted(target, finish)).toMatchObject({ code: 0 });

    expect((await refused(target)).message).toContain('holds groups');
  });

  test('while a view of another depends on it, which it names', async () => {
    const { target, database, before } = await prepared();
    await database.query('create view mine as select * from relyt_sys.relyt_loader_checkpoint');
    const { code, message } = await refused(target, '--discard');
    expect(code).toBe('UNINSTALL_REFUSED');
    expect(message).toContain(
      'view public.mine depends on table relyt_sys.relyt_loader_checkpoint',
    );
    await database.query('drop view mine');
    await removed(target);
    expect(await catalogueOf(database)).toEqual(before);
  });

  test('while the schema holds objects of others', async () => {
    const { target, database } = await prepared();
    await database.query('create table relyt_sys.notes (v text)');
    const { message } = await refused(target);
    expect(message).toBe(
      'The schema relyt_sys holds what this package did not make: table relyt_sys.notes.',
    );
    await database.query('alter table relyt_sys.notes set schema public');
    await removed(target);
  });

  test('while another server uses file_fdw, it stays', async () => {
    const { target, database } = await prepared();
    await database.query('create server others foreign data wrapper file_fdw');
    await removed(target);
    expect(await database.query('select srvname from pg_foreign_server')).toEqual([
      { srvname: 'others' },
    ]);
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
    const plan = await planUninstall(accessTo(target), { discard: true });
    await database.query(
      `insert into relyt_sys.relyt_loader_reject (process_id, record_ordinal, stage, code, reason, created_at, owner_role)
       values ($1, 1, 'encode', 'x', 'came later', now(), current_user)`,
      [processId],
    );

    const failure = await failureOf(uninstall(accessTo(target), plan, { discard: true }));

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
