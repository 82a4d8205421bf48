// `relyt engines` says which engine 'auto' chooses for a database, and why.

import { describe, expect, test } from 'vitest';
import { createRole, createTestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { relyt } from './relyt.ts';

describe.each(testStack().servers)('relyt engines on $name', (server) => {
  const chosen = async (url: string) => {
    const { code, stdout } = await relyt(['engines', '--json', '--database-url', url]);
    expect(code).toBe(0);
    return JSON.parse(stdout).chosen;
  };

  test('follows what the database is prepared for, and what the role could prepare', async () => {
    await using database = await createTestDatabase(server);
    const role = await createRole(database, 'reader');
    const version = expect.stringMatching(new RegExp(`^PostgreSQL ${server.name.slice(-2)}\\.`));
    expect(await chosen(database.url)).toEqual({
      engine: 'postgres',
      name: 'postgres',
      withoutS3: 'direct',
      version,
      reason: expect.stringContaining('this role is a superuser'),
    });
    expect(await chosen(role.url)).toMatchObject({
      engine: 'copy',
      reason: expect.stringContaining('relyt init by a superuser'),
    });
    expect((await relyt(['init', '--database-url', database.url])).code).toBe(0);
    expect(await chosen(role.url)).toMatchObject({
      engine: 'postgres',
      reason: 'relyt init has prepared it',
    });
    expect(await database.query('select 1 from relyt_sys.relyt_loader_task')).toEqual([]);
  });

  test('says it in a sentence for a person, and shows no password (G7)', async () => {
    await using database = await createTestDatabase(server);
    const role = await createRole(database, 'reader');
    const { code, stdout } = await relyt(['engines', '--database-url', role.url]);
    expect(code).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /For PostgreSQL \S+ .*'auto' chooses copy, because it is not prepared/,
    );
    expect(stdout).not.toContain(role.password);
  });
});
