// G1 and G8: a database, a login that may write the table and make a schema, and nothing else.

import { describe, expect, test } from 'vitest';
import { createRole, createTestDatabase } from '../../support/database.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile, relyt } from './relyt.ts';

const PEOPLE = 'id,name\n1,Ada\n2,Bea\n3,Cleo\n';

async function fresh() {
  const database = await createTestDatabase(defaultServer());
  const role = await createRole(database, 'loader');
  const [{ name } = { name: '' }] = await database.query<{ name: string }>(
    'select quote_ident(current_database()) as name',
  );
  await database.query(`grant create on database ${name} to ${role.name}`);
  await database.query('create table people (id int primary key, name text not null)');
  await database.query(`grant select, insert, update on people to ${role.name}`);
  const env = { DATABASE_URL: role.url };
  const run = (...args: string[]) => relyt(args, { env });
  const rows = () => database.query('select * from people order by id');
  return { database, run, rows, [Symbol.asyncDispose]: () => database.drop() };
}

describe('relyt load where nothing was prepared', () => {
  test('loads a file, says how it would, and which engine it took', async () => {
    await using people = await fresh();
    const file = inputFile('people.csv', PEOPLE);
    const shown = await people.run('load', file, '--table', 'people', '--dry-run');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/-- engine +direct/);
    expect(shown.stdout).toContain('insert into relyt_sys.relyt_loader_file');
    const loaded = await people.run('load', file, '--table', 'people', '--json');
    expect(loaded.code).toBe(0);
    expect(await people.rows()).toEqual([
      { id: 1, name: 'Ada' },
      { id: 2, name: 'Bea' },
      { id: 3, name: 'Cleo' },
    ]);
    const { processId } = JSON.parse(loaded.stdout) as { processId: string };
    const details = await people.run('show', processId, '--json');
    expect(JSON.parse(details.stdout)).toMatchObject({ task: { engine: 'direct' } });
  });

  test('goes on with a file that was interrupted, and skips what a key has loaded', async () => {
    await using people = await fresh();
    // More batches than may wait for their import: some are imported before the bad line is read.
    const good = Array.from({ length: 1_000 }, (_, n) => `${n + 1},person ${n}\n`).join('');
    const file = inputFile('people.csv', `id,name\n${good}four,Dora\n`);
    const broken = await people.run('load', file, '--table', 'people', '--batch-size', '100');
    expect(broken.code).toBe(1);
    const again = await people.run('load', file, '--table', 'people', '--max-errors', '1');
    expect(again.stderr).toContain('Continuing the task');
    expect(again.code).toBe(3);
    expect(await people.rows()).toHaveLength(1_000);
    const other = inputFile('more.csv', 'id,name\n2001,Fay\n');
    const keyed = () => people.run('load', other, '--table', 'people', '--key', 'more');
    expect((await keyed()).code).toBe(0);
    expect((await keyed()).stdout).toContain('is complete');
    expect(await people.rows()).toHaveLength(1_001);
  });

  test('names the right that is missing, and not S3, to a role that may not make the schema', async () => {
    await using database = await createTestDatabase(defaultServer());
    const role = await createRole(database, 'loader');
    await database.query('create table people (id int primary key, name text)');
    await database.query(`grant select, insert, update on people to ${role.name}`);
    const file = inputFile('people.csv', PEOPLE);
    const refused = await relyt(['load', file, '--table', 'people'], {
      env: { DATABASE_URL: role.url },
    });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('code: SCHEMA_MISSING');
  });
});
