// An older schema gets owners: what one role alone can have written stays its own, and nothing becomes anybody else's.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { Database } from '../../../src/database/database.ts';
import { installSchema } from '../../../src/database/schema/install.ts';
import { grantSql } from '../../../src/database/schema/loader-rights.ts';
import {
  CREATE_SCHEMA,
  createLedger,
  migrationsFor,
} from '../../../src/database/schema/migrations.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { as, TASK_TABLES, tableOf } from './two-roles.ts';

const NEWER_TABLES = /, relyt_sys\.relyt_loader_(key|auxiliary)/;
const OLD = migrationsFor('copy').filter(({ number }) => number < 7);

/** The schema as it was before rows had owners, with a task and a row of the Go SDK, and its rights for these roles. */
async function oldSchema(database: TestDatabase, roles: readonly string[]): Promise<void> {
  await database.query(CREATE_SCHEMA);
  await database.query(createLedger(POSTGRESQL));
  for (const { number, name, sql } of OLD) {
    await database.query(sql(POSTGRESQL));
    await database.query(`insert into ${tableOf('migration')} values ($1, $2, now())`, [
      number,
      name,
    ]);
  }
  for (const role of roles)
    for (const text of grantSql(role, pg.escapeIdentifier(role), 'copy'))
      if (!/function|relyt_loader_marker/.test(text))
        await database.query(text.replace(NEWER_TABLES, ''));
  await database.query(`
    insert into ${tableOf('checkpoint')} (process_id, pg_table, status, start_time)
      values ('old', 'public.t', 'FAILED', now()), ('go', 'public.t', 'RUNNING', now());
    insert into ${tableOf('task')} (process_id, pg_table, engine, epoch, owner, heartbeat_at, lease_seconds, settings, sdk_version, created_at)
      values ('old', 'public.t', 'copy', 1, 'x', now(), 30, '{}', '0', now());
    insert into ${tableOf('file')} (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at)
      values ('old', 1, 1, 0, 'b', 'k', 'u', 'FROZEN', now());
    insert into ${tableOf('import')} values ('old', 1, 1, 0, 0, 0, 0, 0, 0, now(), now());
    insert into ${tableOf('reject')} (process_id, record_ordinal, stage, code, reason, created_at)
      values ('old', 1, 'encode', 'X', 'old', now());`);
}

async function upgrade({ url }: TestDatabase): Promise<number[]> {
  const database = new Database(
    { connectionString: url },
    { connections: 1, applicationName: 'relyt-test' },
  );
  try {
    return await installSchema(database, { engine: 'copy', dialect: POSTGRESQL });
  } finally {
    await database.close();
  }
}

async function visible(role: { url: string }, processId: string): Promise<number> {
  let tables = 0;
  for (const name of TASK_TABLES)
    tables += (await as(role, `select 1 from ${tableOf(name)} where process_id = $1`, [processId]))
      .count;
  return tables;
}

describe.each(testStack().servers)('an upgrade to owners, on $name', (server) => {
  test('the only loader keeps its tasks, without a new grant', async () => {
    await using database = await createTestDatabase(server);
    const loader = await createRole(database, 'loader');
    await oldSchema(database, [loader.name]);
    expect(await upgrade(database)).toContain(7);
    expect(await visible(loader, 'old')).toBe(5);
    expect(await visible(loader, 'go')).toBe(1);
    const facts = await as(
      loader,
      `select relyt_sys.relyt_loader_task_count('public.t')::int as n, relyt_sys.relyt_loader_task_exists('old') as there`,
    );
    expect(facts.rows).toEqual([{ n: expect.any(Number), there: true }]);
    // Which a running load of the older version goes on to write.
    await as(
      loader,
      `insert into ${tableOf('file')} (process_id, file_id, generation, lane, s3_bucket, s3_key, s3_url, status, created_at)
      values ('old', 2, 1, 0, 'b', 'k2', 'u', 'CREATED', now())`,
    );
    expect(
      (
        await as(
          loader,
          `update ${tableOf('checkpoint')} set status = 'CANCELLED' where process_id = 'old'`,
        )
      ).count,
    ).toBe(1);
  });

  test('of several nobody gets the tasks of the others', async () => {
    await using database = await createTestDatabase(server);
    const roles = [await createRole(database, 'one'), await createRole(database, 'two')];
    await oldSchema(
      database,
      roles.map(({ name }) => name),
    );
    await upgrade(database);
    for (const role of roles) {
      expect(await visible(role, 'old')).toBe(0);
      expect(await visible(role, 'go')).toBe(1);
    }
    expect(await visible(database, 'old')).toBe(5);
  });

  test('a grant to everybody is no owner', async () => {
    await using database = await createTestDatabase(server);
    const loader = await createRole(database, 'loader');
    await oldSchema(database, [loader.name]);
    await database.query(`grant insert on ${tableOf('task')} to public`);
    await upgrade(database);
    expect(await visible(loader, 'old')).toBe(0);
  });

  test('applied again it changes no owner, and the checkpoint table keeps its columns', async () => {
    await using database = await createTestDatabase(server);
    const loader = await createRole(database, 'loader');
    await oldSchema(database, [loader.name]);
    const columns = `select attname, atttypid::regtype::text from pg_attribute
      where attrelid = 'relyt_sys.relyt_loader_checkpoint'::regclass and attnum > 0 order by attnum`;
    const before = await database.query(columns);
    await upgrade(database);
    const other = await createRole(database, 'other');
    await database.query(`grant insert on ${tableOf('task')} to "${other.name}"`);
    await database.query(`revoke insert on ${tableOf('task')} from "${loader.name}"`);
    await database.query(`delete from ${tableOf('migration')} where number = 7`);
    await upgrade(database);
    expect(await visible(loader, 'old')).toBe(5);
    expect(await database.query(columns)).toEqual(before);
  });
});
