// An uninstall loses no record unasked (G1, G2) and drops nothing that another's depends on; its hints work (G8).

import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../support/build.ts';
import { createRole } from '../../support/database.ts';
import { generate } from '../../support/loading.ts';
import { DONE, hintedCommands, hintOf, runHinted } from '../hints/hinted.ts';
import { failedTask, keysOf, record } from '../operations/interrupted-tasks.ts';
import { catalogueOf } from './installed-catalogue.ts';
import { inputFile, relyt } from './relyt.ts';
import { environmentOf, relytOn, said } from './relyt-on.ts';
import { bareTarget, prepared, refused, removed } from './uninstallable.ts';

// A build takes longer than a hook may, on a busy machine.
beforeAll(() => ensureBuilt(), 600_000);

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
