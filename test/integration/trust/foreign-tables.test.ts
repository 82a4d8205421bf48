// G7: a superuser runs no code that a less privileged role has put into relyt_sys, whatever the command: its transactions
// end before they look at anything there.

import { expect, test } from 'vitest';
import { uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase } from '../../support/database.ts';
import { inputFile, relyt, s3Environment } from '../cli/relyt.ts';

const ID = '00000000-0000-4000-8000-000000000000';

interface Planted {
  /** What belongs to the other role. */
  readonly object: string;
  readonly plant: string;
  readonly remove: string;
}

const PLANTED: readonly Planted[] = [
  ...['relyt_loader_migration', 'relyt_loader_checkpoint', 'relyt_loader_task'].map((table) => ({
    object: `table relyt_sys.${table}`,
    plant: `create trigger fire before insert or update on relyt_sys.${table}
      for each row execute function public.fire()`,
    remove: `drop trigger fire on relyt_sys.${table}`,
  })),
  {
    object: 'schema relyt_sys',
    plant: `drop function if exists relyt_sys.loader_config();
      create function relyt_sys.loader_config(out endpoint text) language sql
      as $$ select nextval('public.fired')::text $$`,
    remove: 'drop function relyt_sys.loader_config()',
  },
  {
    object: 'function relyt_sys.relyt_loader_task_count(text)',
    plant: `create or replace function relyt_sys.relyt_loader_task_count(pg_table text) returns bigint language sql
      as $$ select nextval('public.fired') $$`,
    remove: `create or replace function relyt_sys.relyt_loader_task_count(pg_table text) returns bigint language sql
      set search_path = pg_catalog, pg_temp as $$ select 0::bigint $$`,
  },
];

const otherCommands = (load: readonly string[]) => [
  ['doctor', '--table', 't'],
  ['init', '--engine', 'direct'],
  ['init', '--engine', 'copy', '--routing', 'public.t'],
  [...load, '--key', 'k'],
  [...load, '--dry-run'],
  ['show', ID],
  ['errors', ID],
  ['abort', ID],
  ['resume', ID],
  ['gc'],
  ['migrate', '--tables', 'public.t', '--threshold', '10'],
];

test.each(PLANTED)('whose owner owns the $object', async ({ object, plant, remove }) => {
  await using database = await createTestDatabase();
  const env = { ...s3Environment(uniquePrefix()), DATABASE_URL: database.url };
  const stranger = await createRole(database, 'stranger');
  expect(await relyt(['init', '--engine', 'direct'], { env })).toMatchObject({ code: 0 });
  await database.query('create sequence public.fired');
  await database.query(`create function public.fire() returns trigger language plpgsql as
    'begin perform nextval(''public.fired''); return new; end'`);
  await database.query('create table public.t (id int)');
  await database.query(plant);
  await database.query(`alter ${object} owner to "${stranger.name}"`);
  const file = inputFile('in.csv', 'id\n1\n');
  const load = ['load', file, '--table', 't', '--engine', 'direct'];
  const commands = [load, ['tasks'], ...(object.startsWith('schema') ? otherCommands(load) : [])];
  for (const command of commands) {
    const { code, stdout, stderr } = await relyt([...command, '--json'], { env });
    expect({ command, code }).toEqual({ command, code: 1 });
    expect(stdout + stderr).toContain('OWNER_UNTRUSTED');
    expect(stdout + stderr).toContain(stranger.name);
  }
  expect(await database.query('select is_called from public.fired')).toEqual([
    { is_called: false },
  ]);
  // What the hint says helps, once the code is gone.
  await database.query(remove);
  const { stdout } = await relyt(['tasks', '--json'], { env });
  const [alter = ''] = /ALTER .*?;/.exec(JSON.parse(stdout).hint) ?? [];
  await database.query(alter);
  expect(await relyt(['tasks'], { env })).toMatchObject({ code: 0 });
});
