// The S3 settings in every form that releases of the Go SDK have left in databases.

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { Database } from '../../../src/database/database.ts';
import { readLoaderConfig, writeLoaderConfig } from '../../../src/database/loader-config.ts';
import { installSchema } from '../../../src/database/schema/install.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';

const SIX = `create type loader_s3_config as (
  endpoint text, region text, bucket_name text, prefix text, access_key text, secret_key text)`;
const EIGHT = SIX.replace(/\)$/, ', concurrency int, part_size int)');
const TEN = EIGHT.replace(/\)$/, ', import_timeout int, import_error_sleep_time int)');
const VALUES = `'s3.example.com'::text, 'us-west-2'::text, 'landing'::text, 'import/data'::text,
  'AKOLD'::text, 'old-secret'::text`;
const SETTINGS = {
  endpoint: 's3.example.com',
  region: 'us-west-2',
  bucket_name: 'landing',
  prefix: 'import/data',
  access_key: 'AKOLD',
  secret_key: 'old-secret',
};

let database: TestDatabase;
const opened: Database[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await database.drop();
});

function connect(url: string = database.url): Database {
  const connection = new Database(
    { connectionString: url },
    { connections: 2, applicationName: 'test' },
  );
  opened.push(connection);
  return connection;
}

async function createFunction(schema: string, type: string, more = ''): Promise<void> {
  await database.query('create schema if not exists relyt_sys');
  await database.query(type);
  await database.query(`create function ${schema}.LOADER_CONFIG() returns loader_s3_config language sql immutable
    as $$ select ${VALUES}${more} $$`);
}

async function createTable(rows: Record<string, string>): Promise<void> {
  await database.query('create schema if not exists relyt_sys');
  await database.query(
    'create table relyt_sys.SDK_LOADER_CONFIG (CONFIG_NAME text primary key, CONFIG_VALUE text)',
  );
  for (const row of Object.entries(rows))
    await database.query('insert into relyt_sys.sdk_loader_config values ($1, $2)', row);
}

async function tableRows(): Promise<Record<string, string>> {
  const rows = await database.query<{ config_name: string; config_value: string }>(
    'select config_name, config_value from relyt_sys.sdk_loader_config',
  );
  return Object.fromEntries(rows.map((row) => [row.config_name, row.config_value]));
}

describe('reading', () => {
  test.each([
    ['six', SIX, '', {}],
    ['eight', EIGHT, ', 8, 6000000', { concurrency: 8, part_size: 6_000_000 }],
    [
      'ten',
      TEN,
      ', 8, null::int, 60, 1',
      { concurrency: 8, part_size: null, import_timeout: 60, import_error_sleep_time: 1 },
    ],
  ])('a function of %s columns in relyt_sys', async (_columns, type, more, extra) => {
    await createFunction('relyt_sys', type, more);
    expect(await readLoaderConfig(connect())).toEqual({
      source: 'relyt_sys.loader_config()',
      settings: { ...SETTINGS, ...extra },
    });
  });

  test('a function elsewhere only if it is named, and then nothing else (G7)', async () => {
    await createFunction('public', SIX);
    expect(await readLoaderConfig(connect())).toBeUndefined();
    const loaderConfig = { schema: 'public', name: 'loader_config' };
    const expected = { source: 'public.loader_config()', settings: SETTINGS };
    expect(await readLoaderConfig(connect(), { loaderConfig })).toEqual(expected);
    await createTable({ endpoint: 'table.example' });
    expect(await readLoaderConfig(connect(), { loaderConfig })).toEqual(expected);
    const missing = { schema: 'public', name: 'other' };
    expect(await readLoaderConfig(connect(), { loaderConfig: missing })).toBeUndefined();
  });

  const FORMS = [
    ['a function in relyt_sys', 'function relyt_sys.loader_config()', {}],
    ['the table in relyt_sys', 'table relyt_sys.sdk_loader_config', {}],
    [
      'a function that is named',
      'function public.loader_config()',
      { loaderConfig: { schema: 'public', name: 'loader_config' } },
    ],
  ] as const;
  test.each(FORMS)('G7: %s is believed if its owner is', async (_what, object, named) => {
    const [stranger, schemaOwner] = [
      await createRole(database, 'stranger'),
      await createRole(database, 'keeper'),
    ];
    if (object.startsWith('table')) await createTable({ endpoint: 's3.example.com' });
    else await createFunction(object.includes('public') ? 'public' : 'relyt_sys', SIX);
    await database.query(`grant usage, create on schema relyt_sys to public`);
    await database.query(`alter schema relyt_sys owner to "${schemaOwner.name}"`);
    await database.query(`alter ${object} owner to "${stranger.name}"`);
    await expect(readLoaderConfig(connect(), named)).rejects.toMatchObject({
      code: 'OWNER_UNTRUSTED',
      message: expect.stringContaining(stranger.name),
    });
    const trusted = { ...named, loaderConfigOwner: stranger.name };
    expect((await readLoaderConfig(connect(), trusted))?.settings).toMatchObject({
      endpoint: 's3.example.com',
    });
    await database.query(`alter ${object} owner to "${schemaOwner.name}"`);
    expect(await readLoaderConfig(connect(), named)).toBeDefined();
  });

  test('the table, whatever the case of its names', async () => {
    await createTable({ ENDPOINT: 's3.example.com', Bucket_Name: 'b', import_timeout: '7' });
    expect(await readLoaderConfig(connect())).toEqual({
      source: 'relyt_sys.sdk_loader_config',
      settings: { endpoint: 's3.example.com', bucket_name: 'b', import_timeout: '7' },
    });
  });

  test('the function in relyt_sys comes before the table', async () => {
    await createTable({ endpoint: 'table.example' });
    expect(await readLoaderConfig(connect())).toMatchObject({
      source: 'relyt_sys.sdk_loader_config',
    });
    await database.query(SIX);
    await database.query(
      `create function relyt_sys.loader_config() returns loader_s3_config language sql as $$ select ${VALUES} $$`,
    );
    expect(await readLoaderConfig(connect())).toMatchObject({
      source: 'relyt_sys.loader_config()',
    });
  });

  test('nothing there: undefined; an empty table and a row of NULLs count as nothing', async () => {
    expect(await readLoaderConfig(connect())).toBeUndefined();
    await createTable({});
    await database.query(SIX);
    await database.query(
      `create function relyt_sys.loader_config() returns loader_s3_config language sql
       as $$ select null, null, null, null, null, null $$`,
    );
    expect(await readLoaderConfig(connect())).toBeUndefined();
  });

  test('G8: without the right, the next form is tried; when none is left, the right is the error', async () => {
    const role = await createRole(database, 'reader');
    await createFunction('relyt_sys', SIX);
    await database.query('revoke execute on function relyt_sys.loader_config() from public');
    await database.query(`grant usage on schema relyt_sys to "${role.name}"`);
    const connection = connect(role.url);
    await expect(readLoaderConfig(connection)).rejects.toMatchObject({
      code: 'DATABASE_PERMISSION_DENIED',
      message: expect.stringContaining('relyt_sys.loader_config()'),
      hint: expect.stringContaining('relyt init --role'),
    });
    await createTable({ endpoint: 'table.example' });
    await database.query(`grant select on relyt_sys.sdk_loader_config to "${role.name}"`);
    expect(await readLoaderConfig(connection)).toMatchObject({
      source: 'relyt_sys.sdk_loader_config',
    });
  });

  test('G8: a number that is none is named as a wrong setting', async () => {
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
    await writeLoaderConfig(connect(), { settings: SETTINGS, roles: [] });
    await database.query(`insert into relyt_sys.sdk_loader_config values ('part_size', 'much')`);
    await expect(readLoaderConfig(connect())).rejects.toMatchObject({
      code: 'LOADER_CONFIG_INVALID',
      message: expect.stringContaining('"much"'),
    });
  });
});

describe('writing over what the Go SDK left', () => {
  test.each([
    ['six columns', SIX, ''],
    ['ten columns', TEN, ', 8, 6000000, 60, 1'],
  ])('a function of %s: its values and its grants stay', async (_columns, type, more) => {
    const loader = await createRole(database, 'loader');
    const admin = await createRole(database, 'admin "x"');
    await createFunction('relyt_sys', type, more);
    await database.query(`revoke execute on function relyt_sys.loader_config() from public`);
    await database.query(`grant execute on function relyt_sys.loader_config() to "${loader.name}"`);
    await database.query(
      `grant execute on function relyt_sys.loader_config() to "${admin.name.replaceAll('"', '""')}" with grant option`,
    );
    for (const { name } of [loader, admin])
      await database.query(`grant usage on schema relyt_sys to "${name.replaceAll('"', '""')}"`);
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
    const { wasPublic } = await writeLoaderConfig(connect(), {
      settings: { bucket_name: 'moved' },
      roles: [],
    });
    expect(wasPublic).toBe(false);
    const expected = { ...SETTINGS, bucket_name: 'moved' };
    for (const { url } of [loader, admin])
      expect((await readLoaderConfig(connect(url)))?.settings).toMatchObject(expected);
    expect(
      await database.query(
        `select pg_get_userbyid(grantee) as role, is_grantable
         from pg_proc p, aclexplode(p.proacl)
         where p.oid = 'relyt_sys.loader_config()'::regprocedure and grantee <> p.proowner order by is_grantable`,
      ),
    ).toEqual([
      { role: loader.name, is_grantable: false },
      { role: admin.name, is_grantable: true },
    ]);
  });

  test('a function of another owner: the owner can still read it', async () => {
    const owner = await createRole(database, 'owner');
    await createFunction('relyt_sys', SIX);
    await database.query(`grant usage, create on schema relyt_sys to "${owner.name}"`);
    await database.query(`alter function relyt_sys.loader_config() owner to "${owner.name}"`);
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
    const change = { settings: { prefix: 'new' }, roles: [] };
    await expect(writeLoaderConfig(connect(), change)).rejects.toMatchObject({
      code: 'OWNER_UNTRUSTED',
      message: expect.stringContaining(owner.name),
    });
    await writeLoaderConfig(connect(), { ...change, loaderConfigOwner: owner.name });
    expect((await readLoaderConfig(connect(owner.url)))?.settings).toMatchObject({ prefix: 'new' });
  });

  test('G7: the table of the secret belongs to nobody who is not believed', async () => {
    const stranger = await createRole(database, 'stranger');
    await createTable({});
    await database.query(`grant usage, create on schema relyt_sys to "${stranger.name}"`);
    await database.query(`alter table relyt_sys.sdk_loader_config owner to "${stranger.name}"`);
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
    await expect(
      writeLoaderConfig(connect(), { settings: SETTINGS, roles: [] }),
    ).rejects.toMatchObject({ code: 'OWNER_UNTRUSTED' });
    expect(await tableRows()).toEqual({});
  });

  test('a function elsewhere that is named: its values move, and it stays as it is', async () => {
    await createFunction('public', SIX);
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
    const loaderConfig = { schema: 'public', name: 'loader_config' };
    await writeLoaderConfig(connect(), { settings: { prefix: 'new' }, roles: [], loaderConfig });
    expect((await readLoaderConfig(connect()))?.settings).toMatchObject({
      ...SETTINGS,
      prefix: 'new',
    });
    expect(await database.query('select prefix from public.loader_config()')).toEqual([
      { prefix: 'import/data' },
    ]);
  });

  test('the table: rows of other names stay, and each name is there once', async () => {
    await createTable({ ENDPOINT: 'old.example', Bucket_Name: 'old', something_else: 'kept' });
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
    await writeLoaderConfig(connect(), { settings: { bucket_name: 'new' }, roles: [] });
    expect(await tableRows()).toEqual({
      ENDPOINT: 'old.example',
      bucket_name: 'new',
      something_else: 'kept',
    });
    expect(
      await database.query('select endpoint, bucket_name from relyt_sys.loader_config()'),
    ).toEqual([{ endpoint: 'old.example', bucket_name: 'new' }]);
  });

  test('G7: a function everybody could call is everybody’s no more, and that is reported', async () => {
    const stranger = await createRole(database, 'stranger');
    await createFunction('relyt_sys', SIX);
    await database.query('grant usage on schema relyt_sys to public');
    expect((await readLoaderConfig(connect(stranger.url)))?.settings).toEqual(SETTINGS);
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
    const change = { settings: SETTINGS, roles: [] };
    expect(await writeLoaderConfig(connect(), change)).toEqual({ wasPublic: true });
    expect(await writeLoaderConfig(connect(), change)).toEqual({ wasPublic: false });
    await expect(readLoaderConfig(connect(stranger.url))).rejects.toMatchObject({
      code: 'DATABASE_PERMISSION_DENIED',
    });
    // The old body, with the secret in it, was there for everybody to read.
    const [row] = await database.query(
      `select prosrc from pg_proc where oid = 'relyt_sys.loader_config()'::regprocedure`,
    );
    expect(row?.prosrc).not.toContain('old-secret');
  });

  test('without settings, a function that is there stays, and the role is granted it', async () => {
    const role = await createRole(database, 'loader');
    await createFunction('relyt_sys', SIX);
    await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL, roles: [role.name] });
    await writeLoaderConfig(connect(), { settings: {}, roles: [role.name] });
    expect(await tableRows()).toEqual({});
    expect((await readLoaderConfig(connect(role.url)))?.settings).toEqual(SETTINGS);
  });
});

test('a role granted before there are settings reads them later', async () => {
  const role = await createRole(database, 'loader');
  await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL, roles: [role.name] });
  await writeLoaderConfig(connect(), { settings: {}, roles: [role.name] });
  expect(await readLoaderConfig(connect(role.url))).toBeUndefined();
  await writeLoaderConfig(connect(), { settings: SETTINGS, roles: [] });
  expect((await readLoaderConfig(connect(role.url)))?.settings).toMatchObject(SETTINGS);
});

test('ten writers at once leave the settings of one of them', async () => {
  await installSchema(connect(), { engine: 'postgres', dialect: POSTGRESQL });
  const names = Array.from({ length: 10 }, (_, i) => `b${i}`);
  await Promise.all(
    names.map((name) =>
      writeLoaderConfig(connect(), {
        settings: { ...SETTINGS, bucket_name: name, prefix: name },
        roles: [],
      }),
    ),
  );
  const rows = await tableRows();
  expect(names).toContain(rows.bucket_name);
  expect(rows).toEqual({ ...SETTINGS, bucket_name: rows.bucket_name, prefix: rows.bucket_name });
});

test('G7: neither statement nor parameter in the server’s log holds the secret', async () => {
  const role = await createRole(database, 'installer', { logStatements: true });
  await database.query(`alter role "${role.name}" superuser`);
  const connection = connect(role.url);
  const secret = 'tab\tand\\backslash-secret';
  await installSchema(connection, { engine: 'postgres', dialect: POSTGRESQL });
  await writeLoaderConfig(connection, { settings: { ...SETTINGS, secret_key: secret }, roles: [] });
  expect(await tableRows()).toMatchObject({ secret_key: secret });
  const log = readFileSync(database.server.logFile, 'utf8');
  expect(log).toContain('copy relyt_sys.sdk_loader_config');
  expect(log).not.toContain('backslash-secret');
});
