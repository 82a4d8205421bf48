// The S3 settings in every form that releases of the Go SDK have left in databases, and whom to believe (G7).

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
  EIGHT,
  SETTINGS,
  SIX,
  TEN,
  VALUES,
} from './loader-config-fixture.ts';

aDatabaseForEachTest();

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
    await database.query(
      `grant ${object.startsWith('table') ? 'select' : 'execute'} on ${object} to public`,
    );
    const { url } = await createRole(database, 'loader');
    await expect(readLoaderConfig(connect(url), named)).rejects.toMatchObject({
      code: 'OWNER_UNTRUSTED',
      message: expect.stringContaining(stranger.name),
    });
    const trusted = { ...named, loaderConfigOwner: stranger.name };
    expect((await readLoaderConfig(connect(url), trusted))?.settings).toMatchObject({
      endpoint: 's3.example.com',
    });
    await database.query(`alter ${object} owner to "${schemaOwner.name}"`);
    expect(await readLoaderConfig(connect(url), named)).toBeDefined();
    // A superuser would run what that role puts there.
    await expect(readLoaderConfig(connect(), named)).rejects.toMatchObject({
      code: 'OWNER_UNTRUSTED',
      message: expect.stringContaining(schemaOwner.name),
    });
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
