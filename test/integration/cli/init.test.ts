import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrationsFor } from '../../../src/database/schema/migrations.ts';
import { uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { relyt, s3Environment } from './relyt.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

function init(args: readonly string[] = [], env: Record<string, string> = {}) {
  return relyt(['init', ...args], { env: { DATABASE_URL: database.url, ...env } });
}

async function storedSettings(): Promise<Record<string, string>> {
  const rows = await database.query<{ config_name: string; config_value: string }>(
    'select config_name, config_value from relyt_sys.sdk_loader_config',
  );
  return Object.fromEntries(rows.map((row) => [row.config_name, row.config_value]));
}

const ALL_MIGRATIONS = migrationsFor('postgres').map(({ name }) => name);

async function allowedLocations(): Promise<string[]> {
  const rows = await database.query<{ url_prefix: string }>(
    'select url_prefix from relyt_sys.relyt_loader_location order by 1',
  );
  return rows.map((row) => row.url_prefix);
}

test('without S3 settings it prepares the schema, and doing it again changes nothing', async () => {
  const first = await init();
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toBe(
    `engine    postgres\nschema    relyt_sys: applied ${ALL_MIGRATIONS.join(', ')}\n`,
  );
  const second = await init();
  const upToDate = 'engine    postgres\nschema    relyt_sys is up to date\n';
  expect(second).toEqual({ code: 0, stdout: upToDate, stderr: '' });
  expect(await storedSettings()).toEqual({});
  expect(await allowedLocations()).toEqual([]);
});

test('settings of the environment are written, and their location is allowed', async () => {
  const { s3 } = testStack();
  const prefix = uniquePrefix();
  const result = await init(['--json'], s3Environment(prefix));
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const location = `${s3.endpoint}/${s3.bucket}/${prefix}/`;
  expect(JSON.parse(result.stdout)).toEqual({
    ok: true,
    engine: 'postgres',
    migrations: ALL_MIGRATIONS,
    roles: [],
    s3: { endpoint: s3.endpoint, bucket: s3.bucket, region: s3.region, prefix },
    locations: [{ url: location, added: true }],
    secretWasPublic: false,
  });
  expect(await allowedLocations()).toEqual([location]);
  expect(await storedSettings()).toEqual({
    endpoint: s3.endpoint,
    bucket_name: s3.bucket,
    region: s3.region,
    prefix,
    access_key: s3.accessKey,
    secret_key: s3.secretKey,
  });
});

test('a flag counts more than its variable, and some settings merge over those that are there', async () => {
  const env = s3Environment('first');
  await init(['--s3-prefix', 'second', '--import-timeout', '60'], env);
  expect(await storedSettings()).toMatchObject({ prefix: 'second', import_timeout: '60' });
  const before = await storedSettings();
  const result = await init(['--s3-prefix', 'third', '--json']);
  expect(JSON.parse(result.stdout)).toMatchObject({ s3: { prefix: 'third' } });
  expect(await storedSettings()).toEqual({ ...before, prefix: 'third' });
});

test('AWS variables give only what is found nowhere else, and temporary keys never', async () => {
  const { RELYT_S3_ACCESS_KEY: _key, RELYT_S3_SECRET_KEY: _secret, ...place } = s3Environment('p');
  const aws = { AWS_ACCESS_KEY_ID: 'AKAWS', AWS_SECRET_ACCESS_KEY: 'aws-secret' };
  const temporary = await init([], { ...place, ...aws, AWS_SESSION_TOKEN: 'token' });
  expect(temporary).toMatchObject({ code: 1 });
  expect(temporary.stderr).toContain('code: LOADER_CONFIG_INVALID');

  expect(await init([], { ...place, ...aws })).toMatchObject({ code: 0 });
  expect(await storedSettings()).toMatchObject({ access_key: 'AKAWS', secret_key: 'aws-secret' });
  const others = { AWS_ACCESS_KEY_ID: 'AKOTHER', AWS_SECRET_ACCESS_KEY: 'other' };
  expect(await init(['--s3-prefix', 'q'], others)).toMatchObject({ code: 0 });
  expect(await storedSettings()).toMatchObject({ access_key: 'AKAWS', prefix: 'q' });
  // Alone they mean nothing: many shells have them for other purposes.
  expect(await init([], others)).toMatchObject({ code: 0 });
  expect(await storedSettings()).toMatchObject({ access_key: 'AKAWS' });
});

test('keys are left out only on purpose, which is remembered and can be undone', async () => {
  const { RELYT_S3_ACCESS_KEY: _key, RELYT_S3_SECRET_KEY: _secret, ...place } = s3Environment('p');
  const forgotten = await init([], place);
  expect(forgotten).toMatchObject({ code: 1 });
  expect(forgotten.stderr).toContain('hint: Give --s3-access-key and RELYT_S3_SECRET_KEY, or use');
  expect(forgotten.stderr).toContain('--s3-default-credentials');

  expect(await init([], s3Environment('p'))).toMatchObject({ code: 0 });
  const before = await storedSettings();
  expect(await init(['--s3-default-credentials'])).toMatchObject({ code: 0 });
  const without = { ...before, access_key: '', secret_key: '' };
  expect(await storedSettings()).toEqual(without);

  const aws = { AWS_ACCESS_KEY_ID: 'AKAWS', AWS_SECRET_ACCESS_KEY: 'aws-secret' };
  expect(await init(['--s3-prefix', 'q'], aws)).toMatchObject({ code: 0 });
  expect(await storedSettings()).toEqual({ ...without, prefix: 'q' });

  expect(await init([], s3Environment('p'))).toMatchObject({ code: 0 });
  expect(await storedSettings()).toEqual(before);
});

test('without stored keys a load uses the AWS credentials of its process, or says what is missing', async () => {
  const { accessKey, secretKey } = testStack().s3;
  const prefix = uniquePrefix();
  const {
    RELYT_S3_ACCESS_KEY: _key,
    RELYT_S3_SECRET_KEY: _secret,
    ...place
  } = s3Environment(prefix);
  expect(await init(['--s3-default-credentials'], place)).toMatchObject({ code: 0 });
  await database.query('create table people (id int primary key)');
  const load = (env: Record<string, string>) =>
    relyt(['load', '-', '--format', 'csv', '--table', 'people'], {
      input: 'id\n1\n2\n',
      env: {
        DATABASE_URL: database.url,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/nonexistent',
        AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
        ...env,
      },
    });
  const keys = { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey };
  expect(await load(keys)).toMatchObject({ code: 0, stderr: '' });
  expect(await database.query('select id from people order by id')).toEqual([{ id: 1 }, { id: 2 }]);

  const { code, stderr } = await load({});
  expect(code).toBe(1);
  expect(stderr).toContain('code: S3_AUTH_FAILED');
  expect(stderr).toContain('hint: Give access_key and secret_key in LOADER_CONFIG');
});

test('wrong settings are found before anything is written', async () => {
  const env = { ...s3Environment('p'), RELYT_S3_BUCKET: 'no bucket' };
  const result = await init([], env);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toMatch(/relyt: Expected `bucket_name` of the settings given/);
  const location = await init(['--allow-location', 'https://host/a/../b/']);
  expect(location).toMatchObject({ code: 2, stdout: '' });
  expect(await database.query("select to_regnamespace('relyt_sys') as schema")).toEqual([
    { schema: null },
  ]);
});

test('locations are allowed with a slash at their end, once', async () => {
  const args = ['--allow-location', 'https://one.example/bucket'];
  const more = ['--allow-location', 'http://two.example:9000/b/folder/'];
  const first = await init([...args, ...more]);
  expect(first.stdout).toContain('location  https://one.example/bucket/ is allowed now\n');
  const again = await init(args);
  expect(again.stdout).toContain('location  https://one.example/bucket/ was allowed already\n');
  expect(await allowedLocations()).toEqual([
    'http://two.example:9000/b/folder/',
    'https://one.example/bucket/',
  ]);
});

test('a role that does not exist is an error, and nothing is left of the attempt', async () => {
  const result = await init(['--role', 'no-such-role']);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toContain('The database has no role "no-such-role".');
  expect(result.stderr).toContain('hint: Create the role first');
  expect(result.stderr).toContain('code: CONFIG_INVALID');
  expect(await database.query("select to_regnamespace('relyt_sys') as schema")).toEqual([
    { schema: null },
  ]);
});

test('a role that may not create schemas is told what to do', async () => {
  const role = await createRole(database, 'plain');
  const result = await init(['--database-url', role.url, '--json']);
  expect(result).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(result.stdout)).toMatchObject({
    ok: false,
    code: 'DATABASE_PERMISSION_DENIED',
    details: { sqlstate: '42501' },
    processId: null,
  });
});

describe('G7: no secret is printed', () => {
  test('neither in text, nor in JSON, nor in SQL, nor by an error', async () => {
    const env = s3Environment('p');
    const secret = testStack().s3.secretKey;
    const password = new URL(database.url).password;
    const results = [
      await init([], env),
      await init(['--json'], env),
      await init(['--print-sql'], env),
      await init(['--print-sql', '--json'], env),
      await init(['--s3-part-size', '1'], env),
      await init([`--s3-secret-keys=${secret}`], env),
      await init([database.url], env),
      await init([], { ...env, RELYT_DEBUG: '1', RELYT_S3_REGION: 'not a region' }),
    ];
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 2, 2, 2, 1]);
    for (const { stdout, stderr } of results) {
      expect(stdout + stderr).not.toContain(secret);
      expect(stdout + stderr).not.toContain(password);
    }
  });

  test('--print-sql needs no database and has a place for the secret', async () => {
    const env = { ...s3Environment('p'), PGHOST: 'nowhere.invalid' };
    const { code, stdout, stderr } = await relyt(['init', '--print-sql', '--role', 'loader'], {
      env,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain("'<secret access key>'");
    expect(stdout).toContain('grant usage on schema relyt_sys to "loader";');
  });
});
