// G8: what create() cannot begin with, it names, with a code and what to do; and it leaves nothing open.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { createRole } from '../../support/database.ts';
import { expectNothingOpen, failureOf, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';

/** The database URL with something changed. */
function changed(url: string, change: Partial<URL>): string {
  return Object.assign(new URL(url), change).href;
}

describe.each(testStack().servers)('a database that cannot be used (G8) on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each([
    [
      'password',
      { password: 'not-the-password' },
      'DATABASE_AUTH_FAILED',
      /connect to \S+:\d+\/\S+: password authentication failed/,
    ],
    ['user', { username: 'nobody_here' }, 'DATABASE_AUTH_FAILED', /nobody_here/],
    [
      'database',
      { pathname: '/no_such_database' },
      'DATABASE_AUTH_FAILED',
      /"no_such_database" does not exist/,
    ],
    ['host', { hostname: 'no-such-host.invalid' }, 'DATABASE_UNREACHABLE', /no-such-host\.invalid/],
    [
      'port',
      { hostname: '127.0.0.1', port: '1' },
      'DATABASE_UNREACHABLE',
      /ECONNREFUSED 127\.0\.0\.1:1/,
    ],
  ] as const)('a wrong %s', async (_, change, code, message) => {
    const target = await makeTarget('id int');
    const url = new URL(changed(target.database.url, change));
    const failure = await failureOf(target.open({ url: url.href }));
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failure.message).toContain(`Could not connect to ${url.host}${url.pathname}: `);
    expect(failure.message).not.toContain(url.password);
    expect(failure.cause).toBeInstanceOf(Error);
    await expectNothingOpen(target.database);
  });

  test('TLS is asked for, and the server has none', async () => {
    const target = await makeTarget('id int');
    const config = target.config();
    const postgresql = { ...config.postgresql, ssl: true };
    const failure = await failureOf(BulkProcessor.create({ ...config, postgresql }));
    expect(failure.code).toBe('DATABASE_UNREACHABLE');
    expect(failure.hint).toMatch(/Leave `ssl` out .*sslmode=disable/);
    await expectNothingOpen(target.database);
  });

  test('a role that may not create the schema', async () => {
    const target = await makeTarget('id int');
    await target.database.query('drop schema relyt_sys cascade');
    const role = await createRole(target.database, 'plain');
    const failure = await failureOf(target.open({ url: role.url }));
    expect(failure.code).toBe('SCHEMA_MISSING');
    expect(failure.message).toMatch(/bookkeeping.*is not allowed to create it/);
    expect(failure.hint).toContain('relyt init');
  });

  test('a role that may not use the schema', async () => {
    const target = await makeTarget('id int');
    await target.load([{ id: 1 }]);
    const role = await createRole(target.database, 'plain');
    const failure = await failureOf(target.open({ url: role.url }));
    expect(failure.code).toBe('DATABASE_PERMISSION_DENIED');
    expect(failure.hint).toContain('relyt init --role');
  });
});

describe('a target that cannot be loaded (G8)', () => {
  const makeTarget = targetsOn(defaultServer());
  const named = (target: TestTarget, table: string, schema = 'public') => {
    const config = target.config();
    return { ...config, postgresql: { ...config.postgresql, table, schema } };
  };

  test.each([
    [
      'a table that is not there',
      'no_such_table',
      'TABLE_NOT_FOUND',
      /public\.no_such_table does not exist/,
    ],
    ['a view', 'v', 'TABLE_UNSUPPORTED', /public\.v is a view/],
    ['a materialized view', 'mv', 'TABLE_UNSUPPORTED', /is a materialized view/],
    ['a sequence', 's', 'TABLE_UNSUPPORTED', /is a sequence/],
  ] as const)('%s', async (_, name, code, message) => {
    const target = await makeTarget('id int');
    await target.database.query(`create or replace view v as select 1 as id`);
    await target.database.query(`create materialized view if not exists mv as select 1 as id`);
    await target.database.query(`create sequence if not exists s`);
    const failure = await failureOf(BulkProcessor.create(named(target, name)));
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failure.details.table).toBe(`public.${name}`);
  });
});

describe('a table named together with its schema (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('is not found, and the hint says how to name both', async () => {
    const target = await makeTarget('id int', { schema: 'lib', table: 'h' });
    const config = target.config();
    const postgresql = { connectionString: target.database.url, table: 'lib.h' };
    const failure = await failureOf(BulkProcessor.create({ ...config, postgresql }));
    expect(failure.code).toBe('TABLE_NOT_FOUND');
    expect(failure.hint).toBe(
      "Give the schema as a setting of its own: schema: 'lib', table: 'h'.",
    );
  });
});

describe('S3 settings (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('are missing', async () => {
    const target = await makeTarget('id int');
    const { s3: _, ...config } = target.config();
    const failure = await failureOf(BulkProcessor.create({ ...config, engine: 'copy' }));
    expect(failure.code).toBe('LOADER_CONFIG_MISSING');
    expect(failure.hint).toContain('relyt init --s3-endpoint');
  });

  test('of the database are wrong: the field and the function are named, and no secret', async () => {
    const target = await makeTarget('id int');
    await target.open().then((processor) => processor.shutdown());
    await target.database.query(`create type six as (endpoint text, region text, bucket_name text,
      prefix text, access_key text, secret_key text)`);
    await target.database.query(`create function relyt_sys.loader_config() returns six language sql as
      $$ select 'http://x', 'r', 'a bucket', '', 'the-access-key', 'the-secret-key' $$`);
    const { s3: _, ...config } = target.config();
    const failure = await failureOf(BulkProcessor.create(config));
    expect(failure.code).toBe('LOADER_CONFIG_INVALID');
    expect(failure.message).toMatch(/`bucket_name` of relyt_sys\.loader_config\(\)/);
    expect(JSON.stringify([failure, failure.message])).not.toContain('the-secret-key');
  });

  test('of the database may not be read by this role', async () => {
    const target = await makeTarget('id int');
    const role = await createRole(target.database, 'plain');
    const name = pg.escapeIdentifier(role.name);
    await target.load([{ id: 1 }]);
    await target.database.query(`grant usage on schema relyt_sys to ${name}`);
    await target.database.query(`grant select on relyt_sys.relyt_loader_migration to ${name}`);
    await target.database.query(`revoke execute on function relyt_sys.loader_config() from public`);
    const { s3: _, ...config } = target.config({ url: role.url });
    const failure = await failureOf(BulkProcessor.create(config));
    expect(failure.code).toBe('DATABASE_PERMISSION_DENIED');
    expect(failure.message).toContain('relyt_sys.loader_config()');
  });
});
