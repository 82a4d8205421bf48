// `relyt doctor` tries everything a load needs, says what to do about what fails, and leaves nothing behind (G7, G8).

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ExaminationReport } from '../../../src/doctor/examine.ts';
import type { StepResult } from '../../../src/doctor/step.ts';
import { startS3Server } from '../../../src/embedded/s3/server.ts';
import { listKeys, listUploads, uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { expectNothingOpen, type TestTarget, targetsOn } from '../../support/loading.ts';
import { type FaultOf, S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { environmentOf, relytOn } from '../operations/command.ts';
import { type RelytResult, relyt, s3Environment, startRelyt } from './relyt.ts';

type Env = Readonly<Record<string, string>>;

const STEPS = [
  'connection',
  'engine',
  'schema',
  'rights',
  'table',
  'S3 settings',
  'clocks',
  'bucket: write',
  'bucket: read',
  'bucket: list',
  'bucket: multipart',
  'bucket: delete',
  'access to S3',
  'probe load',
];

async function examined(env: Env, ...args: string[]): Promise<ExaminationReport> {
  const result = await relyt(['doctor', '--json', ...args], { env });
  const report = JSON.parse(result.stdout) as ExaminationReport;
  expect(result).toMatchObject({ code: report.ok ? 0 : 1, stderr: '' });
  expect(report.steps.map(({ name }) => name)).toEqual(STEPS);
  expectNoSecret(result);
  return report;
}

function expectNoSecret({ stdout, stderr }: RelytResult): void {
  const { secretKey, accessKey } = testStack().s3;
  for (const secret of [secretKey, accessKey, 'X-Amz-Signature'])
    expect(stdout + stderr).not.toContain(secret);
}

/** Steps by name that are not as expected: all others are ok. */
function stepsOf({ steps }: ExaminationReport, status: StepResult['status']): string[] {
  return steps.filter((step) => step.status === status).map(({ name }) => name);
}

function step({ steps }: ExaminationReport, name: string): StepResult | undefined {
  return steps.find((result) => result.name === name);
}

/** Everything of relyt_sys and every table, as it was before. */
async function traces(database: Pick<TestDatabase, 'query'>, prefix: string): Promise<unknown> {
  const tables = await database.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'f') and n.nspname !~ '^pg_(catalog|toast)|information_schema' order by 1`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) =>
      database.query(`select '${name}' as name, count(*)::int as n from ${name}`),
    ),
  );
  return { rows, keys: await listKeys(prefix), uploads: await listUploads(prefix) };
}

/** Runs the doctor, and checks that it left nothing. */
async function traceless(
  target: TestTarget,
  env: Env,
  ...args: string[]
): Promise<ExaminationReport> {
  const before = await traces(target.database, target.prefix);
  const report = await examined(env, ...args);
  expect(await traces(target.database, target.prefix)).toEqual(before);
  await expectNothingOpen(target.database);
  return report;
}

describe.each(testStack().servers)('relyt doctor on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each(['postgres', 'copy'])('finds everything well with the engine %s', async (engine) => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const args = ['--engine', engine, '--table', `public.${target.table}`];
    const report = await traceless(target, environmentOf(target), ...args);
    expect(stepsOf(report, 'ok')).toEqual(STEPS);
    expect(report.ok).toBe(true);
    expect(step(report, 'engine')?.message).toContain(
      `${engine}, for PostgreSQL ${server.name.slice(-2)}.`,
    );
    expect(step(report, 'probe load')?.message).toMatch(/^\d\d records of every difficult kind/);
    expect(report.recommendations.map(({ about }) => about)).toEqual(
      expect.arrayContaining(['files', 'concurrency', 'bucket', 'engine']),
    );
  });

  test('a role with the rights of a loader, and none to create tables, gets all of it', async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const role = await createRole(target.database, 'loader');
    const env = { ...environmentOf(target), DATABASE_URL: role.url };
    await relytOn(target, 'init', '--role', role.name);
    await target.database.query(`grant insert, select, update on ${target.sql} to ${role.name}`);
    const report = await traceless(target, env, '--table', target.table);
    expect(stepsOf(report, 'ok')).toEqual(STEPS);
  });

  test('a schema that is missing is said, and not installed', async () => {
    await using database = await createTestDatabase(server);
    const prefix = uniquePrefix();
    const env = { DATABASE_URL: database.url, ...s3Environment(prefix) };
    const before = await traces(database, prefix);
    const report = await examined(env);
    expect(await traces(database, prefix)).toEqual(before);
    expect(stepsOf(report, 'failed')).toEqual(['schema']);
    expect(stepsOf(report, 'skipped')).toEqual(['rights', 'table', 'access to S3', 'probe load']);
    expect(step(report, 'schema')).toMatchObject({
      code: 'SCHEMA_MISSING',
      message: expect.stringContaining('bookkeeping'),
      todo: expect.stringContaining('relyt init'),
    });
  });
});

describe('relyt doctor says what is wrong (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  async function prepared(): Promise<TestTarget> {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    return target;
  }

  test('for a person: a sign for each step, what to do below it, advice at the end', async () => {
    const target = await prepared();
    const env = { ...environmentOf(target), RELYT_S3_BUCKET: 'no-such-bucket' };
    const result = await relyt(['doctor'], { env });
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout).toMatch(
      /^✓ connection {8}\S+ at 127\.0\.0\.1:\d+, database \S+, no TLS\n✓ engine /,
    );
    expect(result.stdout).toMatch(
      /\n✗ bucket: write {5}S3 PutObject [\s\S]+?\n {20}→ Create the bucket, /,
    );
    expect(result.stdout).toMatch(/\n– bucket: list {6}needs the bucket\n/);
    expect(result.stdout).toMatch(/\n1 of 14 steps failed\.\n\nRecommended:\n {2}files /);
    expectNoSecret(result);
  });

  test('no database there, or a wrong password', async () => {
    const target = await prepared();
    const url = new URL(target.database.url);
    url.port = '1';
    const unreachable = await examined({ ...environmentOf(target), DATABASE_URL: url.href });
    expect(step(unreachable, 'connection')).toMatchObject({
      status: 'failed',
      code: 'DATABASE_UNREACHABLE',
    });
    expect(stepsOf(unreachable, 'skipped')).toEqual(STEPS.slice(1));
    const role = await createRole(target.database, 'loader');
    const wrong = new URL(role.url);
    wrong.password = 'not-the-password';
    const refused = await examined({ ...environmentOf(target), DATABASE_URL: wrong.href });
    expect(step(refused, 'connection')).toMatchObject({
      status: 'failed',
      code: 'DATABASE_AUTH_FAILED',
    });
    expect(JSON.stringify(refused)).not.toContain('not-the-password');
  });

  test.each([
    ['secret', { RELYT_S3_SECRET_KEY: 'not-the-secret-key' }, 'S3_AUTH_FAILED'],
    ['bucket', { RELYT_S3_BUCKET: 'no-such-bucket' }, 'S3_BUCKET_MISSING'],
    ['endpoint', { RELYT_S3_ENDPOINT: 'http://127.0.0.1:1' }, 'S3_UNREACHABLE'],
  ])('a wrong %s', async (_, wrong, code) => {
    const target = await prepared();
    const report = await traceless(target, { ...environmentOf(target), ...wrong });

    expect(stepsOf(report, 'failed')[0]).toBe('bucket: write');
    expect(step(report, 'bucket: write')).toMatchObject({
      code,
      todo: expect.stringMatching(/.{10}/),
    });
    expect(step(report, 'probe load')).toMatchObject({
      status: 'skipped',
      message: expect.stringMatching(/^needs /),
    });
    expect(JSON.stringify(report)).not.toContain('not-the-secret-key');
  });

  test('no LOADER_CONFIG', async () => {
    const target = await prepared();
    const report = await traceless(target, { DATABASE_URL: target.database.url });
    expect(stepsOf(report, 'failed')).toEqual(['S3 settings']);
    expect(step(report, 'S3 settings')).toMatchObject({ code: 'LOADER_CONFIG_MISSING' });
    expect(step(report, 'probe load')?.message).toBe('needs the S3 settings');
  });

  test('where the settings come from, and of which kind the keys are', async () => {
    const target = await prepared();
    const said = await relytOn(target, 'init');
    expect(said.code).toBe(0);
    const report = await traceless(target, { DATABASE_URL: target.database.url });
    expect(step(report, 'S3 settings')?.message).toMatch(
      /^from relyt_sys\.loader_config\(\): s3:\/\/\S+ at http:\/\/\S+ \(\S+\), static keys$/,
    );
    expect(stepsOf(report, 'skipped')).toEqual(['table']);
    expect(report.ok).toBe(true);
  });

  test('rights that are missing, each by its name', async () => {
    const target = await prepared();
    const role = await createRole(target.database, 'loader');
    const env = { ...environmentOf(target), DATABASE_URL: role.url };
    const none = await traceless(target, env, '--table', target.table);
    expect(stepsOf(none, 'failed')).toEqual(expect.arrayContaining(['schema', 'table']));
    expect(step(none, 'table')?.todo).toContain(
      `GRANT INSERT, SELECT, UPDATE ON "public"."${target.table}"`,
    );

    await relytOn(target, 'init', '--role', role.name);
    await target.database.query(`revoke update on relyt_sys.relyt_loader_file from ${role.name}`);
    await target.database.query(`grant insert on ${target.sql} to ${role.name}`);
    const some = await traceless(target, env, '--table', target.table);
    expect(step(some, 'rights')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('lacks UPDATE on relyt_sys.relyt_loader_file'),
      todo: `Have an administrator run: relyt init --role ${role.name}`,
    });
    expect(step(some, 'table')?.message).toContain('lacks SELECT, UPDATE on');
    expect(step(some, 'probe load')).toMatchObject({
      status: 'failed',
      code: 'DATABASE_PERMISSION_DENIED',
    });
  });

  test.each<[string, FaultOf, string, string]>([
    [
      'put',
      ({ method, path: p }) => denied(method === 'PUT' && !p.includes('uploadId')),
      'bucket: write',
      's3:PutObject',
    ],
    [
      'get',
      ({ method, path: p }) => denied(method === 'GET' && p.includes('/file-')),
      'bucket: read',
      's3:GetObject',
    ],
    [
      'list',
      ({ method, path: p }) => denied(method === 'GET' && p.includes('list-type=2')),
      'bucket: list',
      's3:ListBucket',
    ],
    [
      'abort',
      ({ method, path: p }) => denied(method === 'DELETE' && p.includes('uploadId')),
      'bucket: multipart',
      's3:AbortMultipartUpload',
    ],
  ])('a bucket that denies %s: the permission is named', async (_, faultOf, name, permission) => {
    const target = await prepared();
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    proxy.faultOf = faultOf;
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const report = await examined(env);
    expect(step(report, name)).toMatchObject({
      status: 'failed',
      code: 'S3_ACCESS_DENIED',
      todo: expect.stringContaining(permission),
    });
    expect(await listKeys(target.prefix)).toEqual([]);
    expect(await listUploads(target.prefix)).toEqual([]);
  });

  test('a database that cannot read what was staged', async () => {
    const target = await prepared();
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    // Only the database comes with presigned URLs.
    proxy.faultOf = ({ path: p }) => denied(p.includes('X-Amz-Signature'));
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const report = await traceless(target, env);
    expect(stepsOf(report, 'failed')).toEqual(['probe load']);
    expect(step(report, 'probe load')).toMatchObject({
      code: 'S3_DOWNLOAD_FAILED',
      todo: expect.stringContaining('the database server itself reaches the S3 endpoint'),
    });
  });

  test('killed in the middle of the probe, it leaves only objects, which gc finds (G7)', async () => {
    const target = await prepared();
    const before = await traces(target.database, target.prefix);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    proxy.faultOf = ({ path: p }) => (p.includes('X-Amz-Signature') ? { hang: true } : undefined);
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const running = await startRelyt(['doctor'], { env });
    await running.printed('✓ access to S3');
    await vi.waitFor(() => expect(proxy.faults).toBeGreaterThan(0), { timeout: 20_000 });
    running.signal('SIGKILL');
    await running.ended;
    // The backend waits for its download, and notices that nobody listens once that has ended.
    await proxy[Symbol.asyncDispose]();
    const open = `select 1 from pg_stat_activity where application_name = 'relyt doctor'`;
    await vi.waitFor(async () => expect(await target.database.query(open)).toEqual([]), 15_000);
    expect(await listKeys(target.prefix)).toHaveLength(1);
    const collected = await relytOn(target, 'gc', '--unknown', '--older-than', '0');
    expect(collected).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Deleted 1 object '),
    });
    expect(await traces(target.database, target.prefix)).toEqual(before);
  });

  test('a clock that is an hour off', async () => {
    const target = await prepared();
    const dataDir = mkdtempSync(path.join(os.tmpdir(), 'relyt-skewed-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const { endpoint: _, ...s3 } = testStack().s3;
    const now = () => new Date(Date.now() + 3_600_000);
    const server = await startS3Server({ dataDir, ...s3, buckets: [s3.bucket], now });
    onTestFinished(() => server.stop());
    const report = await examined({ ...environmentOf(target), RELYT_S3_ENDPOINT: server.endpoint });

    expect(stepsOf(report, 'failed')).toEqual(['clocks']);
    expect(step(report, 'clocks')).toMatchObject({
      code: 'S3_CLOCK_SKEW',
      message: expect.stringMatching(
        /the database agrees within a second, S3 is 3(599|600|601) s ahead/,
      ),
      todo: expect.stringContaining('NTP'),
    });
  });

  test('stopped by a signal, it cleans up', async () => {
    const target = await prepared();
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    // The first object is stored, then the bucket falls silent.
    proxy.faultOf = ({ method, path: p }) =>
      method === 'HEAD' && p.includes('/file-') ? { hang: true } : undefined;
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const running = await startRelyt(['doctor'], { env });
    await running.printed('✓ bucket: write');
    await vi.waitFor(() => expect(proxy.faults).toBeGreaterThan(0), { timeout: 20_000 });
    running.signal('SIGINT');
    const result = await running.ended;
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('cleaning up');
    expect(await listKeys(target.prefix)).toEqual([]);
    await expectNothingOpen(target.database);
  });
});

function denied(fits: boolean) {
  return fits ? { status: 403 } : undefined;
}
