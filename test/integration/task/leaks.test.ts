// G7: no secret where somebody else can read it, and nothing left that nothing accounts for.

import { inspect } from 'node:util';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { listKeys, listUploads } from '../../support/bucket.ts';
import { createRole, type TestRole } from '../../support/database.ts';
import {
  createLoaderRole,
  expectNothingOpen,
  failureOf,
  generate,
  type TestTarget,
  targetsOn,
} from '../../support/loading.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, testStack, watchLog } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });

/** What must be found nowhere: S3's secret key, the signature of a presigned URL, the database password. */
function expectNoSecret(text: string, role?: TestRole): void {
  expect(text).not.toContain(testStack().s3.secretKey);
  expect(text).not.toMatch(/X-Amz-Signature|X-Amz-Credential/i);
  if (role !== undefined) expect(text).not.toContain(role.password);
}

/** Everything a `RelytError` says and carries, down its chain of causes, hidden properties included. */
function everythingOf(error: unknown): string {
  if (error === undefined) return '';
  return [
    inspect(error, { depth: 20, showHidden: true, maxStringLength: null }),
    JSON.stringify(error),
    error instanceof Error ? `${error.stack} ${everythingOf(error.cause)}` : '',
  ].join('\n');
}

/** A role that loads, with a say-it-all log. */
async function loggedRole(target: TestTarget): Promise<TestRole> {
  const role = await createLoaderRole(target, { logStatements: true });
  const grant = `grant select, insert, update on ${target.sql} to ${pg.escapeIdentifier(role.name)}`;
  await target.database.query(grant);
  return role;
}

/** All text in our schema. */
async function bookkeepingOf(target: TestTarget): Promise<string> {
  const tables = await target.database.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relnamespace = 'relyt_sys'::regnamespace and relkind = 'r'`,
  );
  const dumps = tables.map(({ name }) =>
    target.database.query(`select json_agg(t)::text as rows from ${name} t`),
  );
  expect(tables.length).toBeGreaterThan(5);
  return JSON.stringify(await Promise.all(dumps));
}

describe.each(testStack().servers)('no secret is seen (G7) on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('in the log of the server, which says every statement of a load that works', async () => {
    const target = await makeTarget('id int primary key, v text');
    const role = await loggedRole(target);
    const logged = watchLog(server);
    await target.load(
      generate(50, (n) => record(n % 40)),
      { url: role.url, batchSize: 10 },
    );
    const log = logged();
    expect(log).toContain('relyt_loader_expose');
    expectNoSecret(log, role);
    expectNoSecret(await bookkeepingOf(target), role);
  });

  test('in the log, the errors, the events and the tables of a load that fails', async () => {
    const target = await makeTarget('id int primary key, v text');
    const role = await loggedRole(target);
    const logged = watchLog(server);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    // A location that is new to the database, which only an administrator may allow.
    await target.load([], { s3: { endpoint: proxy.endpoint } });
    await using processor = await target.open({
      url: role.url,
      s3: { endpoint: proxy.endpoint, importTimeoutSeconds: 1 },
    });
    proxy.faultOf = ({ method }) => (method === 'GET' ? { status: 403 } : undefined);
    const events: unknown[] = [];
    for (const name of ['failed', 'warning', 'fileFrozen', 'imported', 'recordRejected'] as const) {
      processor.on(name, (event: unknown) => events.push(event));
    }
    await processor.insert(generate(10, record));
    const failure = await failureOf(processor.flush());
    await failureOf(processor.shutdown());
    expect(failure.code).toBe('IMPORT_TIMEOUT');
    expect(events).toHaveLength(2);
    expectNoSecret([failure, ...events].map(everythingOf).join('\n'), role);
    const log = logged();
    expect(log).toContain('could not download a staged file');
    expectNoSecret(log, role);
    expectNoSecret(await bookkeepingOf(target), role);
  });

  test.each([
    ['a wrong secret key', { secretKey: 'wrong-secret-key-0123456789' }],
    ['a wrong access key', { accessKey: 'WRONGACCESSKEY012345' }],
  ])('in the error of %s', async (_, s3) => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open({ s3 });
    await processor.insert(generate(10, record));
    const text = everythingOf(await failureOf(processor.flush()));
    expectNoSecret(text);
    for (const wrong of Object.values(s3)) expect(text).not.toContain(wrong);
  });

  test('by another role, while an import is under way', async () => {
    const target = await makeTarget('id int primary key, v text');
    const other = await createRole(target.database, 'other');
    const lock = await target.lock();
    await using processor = await target.open();
    const client = new pg.Client({ connectionString: other.url });
    await client.connect();
    try {
      await processor.insert(generate(10, record));
      const flushed = processor.flush();
      await target.untilImportWaits();
      for (const source of VISIBLE) {
        const { rows } = await client.query(source);
        expectNoSecret(JSON.stringify(rows));
      }
      // Even a superuser sees no more of the statement than of the table.
      expectNoSecret(
        JSON.stringify(await target.database.query('select query from pg_stat_activity')),
      );
      await lock.release();
      await flushed;
      await processor.shutdown();
    } finally {
      await lock.release();
      await client.end();
    }
  });
});

/** Where a foreign table or a function shows what is in it, to everybody. */
const VISIBLE = [
  'select ftoptions::text from pg_foreign_table',
  'select srvoptions::text, srvname from pg_foreign_server',
  'select prosrc from pg_proc where pronamespace = (select oid from pg_namespace where nspname = $$relyt_sys$$)',
  'select query from pg_stat_activity',
  'select umoptions::text from pg_user_mappings',
];

describe('nothing is left (G7)', () => {
  const makeTarget = targetsOn(defaultServer());
  const keysOf = async (target: TestTarget, processId: string) =>
    (await listKeys(`${target.prefix}/`)).filter((key) => key.includes(processId));

  test('after a load', async () => {
    const target = await makeTarget('id int primary key, v text');
    const processId = await target.load(generate(100, record), { batchSize: 10, concurrency: 2 });
    expect(await keysOf(target, processId)).toEqual([]);
    await expectNothingOpen(target.database);
  });

  test("after a load with cleanup 'never' but its staged files", async () => {
    const target = await makeTarget('id int primary key, v text');
    const processId = await target.load(generate(100, record), { batchSize: 10, cleanup: 'never' });
    const files = await target.files(processId);
    expect(await keysOf(target, processId)).toEqual(files.map((file) => file.s3_key));
    await expectNothingOpen(target.database);
  });

  test('after a failure but the files that are frozen, each with its row', async () => {
    const target = await makeTarget('id int primary key check (id <> 35), v text');
    await using processor = await target.open({ batchSize: 10, batchImportSize: 1 });
    await failureOf(processor.insert(generate(100, record)).then(() => processor.flush()));
    await failureOf(processor.shutdown());
    const files = await target.files(processor.processId);
    const left = await keysOf(target, processor.processId);
    expect(left.length).toBeGreaterThan(0);
    expect(files.map((file) => file.s3_key)).toEqual(expect.arrayContaining(left));
    expect(await listUploads(target.prefix)).toEqual([]);
    await expectNothingOpen(target.database);
  });

  test('after abort(): not in the middle of an upload of many parts, nor of an import', async () => {
    const target = await makeTarget('id int primary key, v text');
    const lock = await target.lock();
    const processor = await target.open({ batchSize: 3000 });
    await processor.insert(generate(7000, (n) => ({ id: n, v: `${n}`.padEnd(2000, 'x') })));
    await target.untilImportWaits();
    await processor.abort();
    await expectNothingOpen(target.database);
    await lock.release();
    expect(await keysOf(target, processor.processId)).toEqual([]);
    expect(await listUploads(target.prefix)).toEqual([]);
    expect(await target.count()).toBe(0);
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
  });
});
