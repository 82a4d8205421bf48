// G1 when the network or the database fails in mid-load: retried, settled by reading back, nothing twice.

import { describe, expect, test } from 'vitest';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { PostgresProxy } from '../../support/postgres-proxy.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, newestServers, testStack } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
/** Said only in the transaction of an import, and only in the one that freezes files. */
const IMPORT = "set status = 'IMPORTED'";
const FREEZE = "set status = 'FROZEN'";

async function expectEachOnce(target: TestTarget, count: number): Promise<void> {
  expect(await target.rows('count(*)::int as n, count(distinct id)::int as ids')).toEqual([
    { n: count, ids: count },
  ]);
}

describe.each(newestServers())('a lost answer to COMMIT (G1) on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each([
    ['an import that was committed is not repeated', 'after'],
    ['an import that was not committed is repeated', 'before'],
  ] as const)('%s', async (_, cut) => {
    const target = await makeTarget('id int, v text');
    await using proxy = await PostgresProxy.start(target.database.url);
    await using processor = await target.open({ url: proxy.url, batchSize: 100 });
    proxy.loseCommit({ cut, having: IMPORT });
    await processor.insert(generate(300, record));
    await processor.shutdown();
    expect(proxy.lost).toBe(1);
    await expectEachOnce(target, 300);
    expect(processor.progress()).toMatchObject({ imported: 300, rows: { inserted: 300 } });
    const imports = await target.imports(processor.processId);
    expect(imports.reduce((sum, one) => sum + one.num_records, 0)).toBe(300);
  });
});
describe('a lost answer to the COMMIT that freezes files (G1)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each(['after', 'before'] as const)('cut %s it took effect', async (cut) => {
    const target = await makeTarget('id int, v text');
    await using proxy = await PostgresProxy.start(target.database.url);
    await using processor = await target.open({
      url: proxy.url,
      batchSize: 100,
      maxErrorRecords: 1,
    });
    proxy.loseCommit({ cut, having: FREEZE });
    // The rejected record is kept by the same transaction, and must not be kept twice.
    await processor.insert([{ id: 'none', v: '' }, ...generate(300, record)]);
    await processor.shutdown();
    expect(proxy.lost).toBe(1);
    await expectEachOnce(target, 300);
    expect(await target.checkpoint(processor.processId)).toMatchObject({
      status: 'COMPLETED',
      error_records: 1,
    });
  });
});

describe('failures that pass by themselves (G1)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('the backend of an import is terminated: the import is repeated', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await target.open();
    const lock = await target.lock();
    await processor.insert(generate(50, record));
    const flushed = processor.flush();
    const [pid] = await target.untilImportWaits();
    await target.database.query('select pg_terminate_backend($1)', [pid]);
    await lock.release();
    await flushed;
    await expectEachOnce(target, 50);
    const [file] = await target.files(processor.processId);
    expect(file).toMatchObject({ status: 'IMPORTED', attempts: 2 });
    await processor.shutdown();
  });

  test('every connection to the database is cut in mid-import', async () => {
    const target = await makeTarget('id int, v text');
    await using proxy = await PostgresProxy.start(target.database.url);
    await using processor = await target.open({ url: proxy.url, batchSize: 20, concurrency: 2 });
    const lock = await target.lock();
    await processor.insert(generate(50, record));
    const flushed = processor.flush();
    await target.untilImportWaits();
    proxy.cutAll();
    await lock.release();
    await flushed;
    await processor.shutdown();
    await expectEachOnce(target, 50);
  });

  test('S3 answers 503 to uploads for a while', async () => {
    const target = await makeTarget('id int, v text');
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    await using processor = await target.open({ s3: { endpoint: proxy.endpoint }, batchSize: 20 });
    proxy.faultOf = ({ method }) =>
      method === 'PUT' && proxy.faults < 2 ? { status: 503 } : undefined;
    await processor.insert(generate(50, record));
    await processor.shutdown();
    expect(proxy.faults).toBe(2);
    await expectEachOnce(target, 50);
  });

  test.each([
    ['answers 503', { status: 503 }],
    ['cuts the download in the middle', { cutAfterBytes: 400 }],
  ])('S3 %s when the database asks for a file', async (_, fault) => {
    const target = await makeTarget('id int, v text');
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    await using processor = await target.open({ s3: { endpoint: proxy.endpoint } });
    proxy.faultOf = ({ method }) => (method === 'GET' && proxy.faults < 1 ? fault : undefined);
    await processor.insert(generate(500, record));
    await processor.shutdown();
    expect(proxy.faults).toBe(1);
    await expectEachOnce(target, 500);
    const [file] = await target.files(processor.processId);
    expect(file).toMatchObject({ attempts: 2 });
  });
});
