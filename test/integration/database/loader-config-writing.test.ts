// Writing the S3 settings: over what the Go SDK left, and over our own.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { POSTGRESQL } from '../../../src/core/dialect.ts';
import { readLoaderConfig, writeLoaderConfig } from '../../../src/database/loader-config.ts';
import { installSchema } from '../../../src/database/schema/install.ts';
import { createRole } from '../../support/database.ts';
import {
  aDatabaseForEachTest,
  connect,
  createFunction,
  createTable,
  database,
  SETTINGS,
  SIX,
  TEN,
  tableRows,
} from './loader-config-fixture.ts';

aDatabaseForEachTest();

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
  expect(log).toContain('copy pg_temp.relyt_loader_settings');
  expect(log).not.toContain('backslash-secret');
});
