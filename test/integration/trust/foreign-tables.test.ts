// G7: a superuser fires no trigger that somebody less privileged has put on a table of relyt_sys: neither doctor, which
// tries a whole load, nor init.

import { expect, test } from 'vitest';
import { uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase } from '../../support/database.ts';
import { relyt, s3Environment } from '../cli/relyt.ts';

const TABLES = ['relyt_loader_migration', 'relyt_loader_checkpoint', 'relyt_loader_task'];

test.each(TABLES)('doctor and init touch no %s of a less privileged owner', async (table) => {
  await using database = await createTestDatabase();
  const env = { ...s3Environment(uniquePrefix()), DATABASE_URL: database.url };
  const stranger = await createRole(database, 'stranger');
  expect(await relyt(['init', '--engine', 'copy'], { env })).toMatchObject({ code: 0 });
  expect(await relyt(['doctor', '--engine', 'copy'], { env })).toMatchObject({ code: 0 });
  await database.query('create sequence public.fired');
  await database.query(`create function public.fire() returns trigger language plpgsql as
    'begin perform nextval(''public.fired''); return new; end'`);
  await database.query(`create trigger fire before insert or update on relyt_sys.${table}
    for each row execute function public.fire()`);
  await database.query(`alter table relyt_sys.${table} owner to "${stranger.name}"`);
  const doctor = await relyt(['doctor', '--engine', 'copy', '--json'], { env });
  expect(doctor.code).toBe(1);
  const failed = JSON.parse(doctor.stdout).steps.filter(
    ({ status }: { status: string }) => status === 'failed',
  );
  expect(failed).toMatchObject([{ name: 'schema', code: 'OWNER_UNTRUSTED' }]);
  expect(failed[0].message).toContain(stranger.name);
  if (table === 'relyt_loader_migration') {
    const init = await relyt(['init', '--engine', 'copy', '--json'], { env });
    expect(init.code).toBe(1);
    expect(init.stdout + init.stderr).toContain('OWNER_UNTRUSTED');
  }
  expect(await database.query('select is_called from public.fired')).toEqual([
    { is_called: false },
  ]);
  // What the hint says helps, once the trigger is gone.
  await database.query(`drop trigger fire on relyt_sys.${table}`);
  await database.query(`alter table relyt_sys.${table} owner to current_user`);
  expect(await relyt(['doctor', '--engine', 'copy'], { env })).toMatchObject({ code: 0 });
});
