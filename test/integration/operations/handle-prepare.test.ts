// G7, G8: a program prepares a database as `relyt init` does, twice without harm, and no secret comes back.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareScript } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { type Connected, connect } from '../../../src/connected.ts';
import { migrationsFor } from '../../../src/database/schema/migrations.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { failureOf } from '../../support/loading.ts';
import { testStack } from '../../support/stack.ts';
import { relyt as relytCommand } from '../cli/relyt.ts';

const prefix = uniquePrefix();
let database: TestDatabase;
let relyt: Connected;

beforeEach(async () => {
  database = await createTestDatabase();
  relyt = await connect({ postgresql: { connectionString: database.url } });
});
afterEach(async () => {
  await relyt.close();
  await database.drop();
  await deleteKeys(prefix);
});

/** Where staged files go, as settings to store. */
function place() {
  const { endpoint, bucket, region, accessKey, secretKey } = testStack().s3;
  return { endpoint, bucket, region, prefix, accessKey, secretKey };
}

describe('a handle prepares a database', () => {
  test('so that a role can load into it, and says what it did without the secret', async () => {
    const loader = await createRole(database, 'loader');
    const prepared = await relyt.prepare({ roles: [loader.name], s3: place() });
    const { endpoint, bucket, region } = place();
    expect(prepared).toMatchObject({
      engine: 'postgres',
      migrations: migrationsFor('postgres').map(({ name }) => name),
      roles: [loader.name],
      s3: { endpoint, bucket, region, prefix },
      locations: [{ url: `${endpoint}/${bucket}/${prefix}/`, added: true }],
      routing: [],
    });
    expect(JSON.stringify(prepared)).not.toContain(place().secretKey);
    await database.query('create table t (id int primary key)');
    await database.query(`grant select, insert, update on t to "${loader.name}"`);
    await using processor = await BulkProcessor.create({
      postgresql: { connectionString: loader.url, table: 't' },
    });
    await processor.insert([{ id: 1 }]);
    await processor.shutdown();
    expect(await database.query('select id from t')).toEqual([{ id: 1 }]);
  });

  test('a second time without a change, and with a setting that the first left out', async () => {
    await relyt.prepare({ s3: place() });
    expect(await relyt.prepare()).toMatchObject({ migrations: [], s3: null, locations: [] });
    const { s3 } = await relyt.prepare({ s3: { prefix: `${prefix}-other` } });
    expect(s3).toMatchObject({ bucket: place().bucket, prefix: `${prefix}-other` });
  });

  test('and routes tables', async () => {
    await database.query('create table events (id int primary key, tenant int)');
    const { routing } = await relyt.prepare({
      routing: { tables: ['public.events'], groupColumn: 'tenant', view: true },
    });
    expect(routing).toMatchObject([
      { table: 'public.events', view: 'public.events_relyt_all', groupColumn: { main: 'tenant' } },
    ]);
  });

  test.each([
    ['a misspelt option', { rols: ['loader'] }, /no setting "rols" \(did you mean "roles"/],
    ['a variable that is not set', { s3: { bucket: undefined } }, /s3\.bucket is undefined/],
    ['a table without its schema', { routing: { tables: ['events'] } }, /without its schema/],
    [
      'keys that are given and declined',
      { s3: { accessKey: 'a', secretKey: 'b', defaultCredentials: true } },
      /stores no keys/,
    ],
  ])('and refuses %s before anything is written', async (_, options, message) => {
    const failure = await failureOf(relyt.prepare(options as object));
    expect(failure).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(failure.message).toMatch(message);
    const [schema] = await database.query(`select 1 from pg_namespace where nspname = 'relyt_sys'`);
    expect(schema).toBeUndefined();
  });
});

test('the script for an administrator is that of the command, without the secret', async () => {
  const { endpoint, bucket, secretKey } = place();
  const s3 = { endpoint, bucket, accessKey: 'AK', secretKey };
  const script = await prepareScript({ roles: ['loader'], s3 });
  expect(script).not.toContain(secretKey);
  expect(script).toContain(`${endpoint}/${bucket}/`);
  const flags = ['--s3-endpoint', endpoint, '--s3-bucket', bucket, '--s3-access-key', 'AK'];
  const printed = await relytCommand(['init', '--print-sql', '--role', 'loader', ...flags], {
    env: { RELYT_S3_SECRET_KEY: secretKey },
  });
  expect(printed).toMatchObject({ code: 0, stdout: `${script}\n` });
  const routed = prepareScript({ routing: { tables: ['public.t'] } } as object);
  expect(await failureOf(routed)).toMatchObject({ code: 'CONFIG_INVALID' });
});
