// G2 on every engine: the bytes that are imported are those that were staged. A file that became another one is
// refused with its key, and never searched for bad records; a download that broke is repeated.

import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { PROFILES } from '../../../src/engines/profiles.ts';
import { testS3Client } from '../../support/bucket.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failureOf, generate, type LoadOptions, type TestTarget } from '../../support/loading.ts';
import { type FaultOf, type S3Fault, S3Proxy } from '../../support/s3-proxy.ts';
import { failedTask } from '../operations/interrupted-tasks.ts';

const COLUMNS = 'id int, v text';
/** All of one length, so that files of a hundred records are, too. */
const record = (n: number) => ({ id: 100_000 + n, v: `value ${100_000 + n}` });
/** What would be lost in an isolation is allowed to be. */
const LENIENT: LoadOptions = { maxErrorRecords: 1000, batchSize: 100, concurrency: 1 };
/** The first file is imported alone, before the others, and is left as it was. */
const FIRST_FILE = [...generate(100, record)];
const ERROR_PAGE =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code></Error>\n';

async function bodyOf(s3: S3Client, place: { Bucket: string; Key: string }): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand(place));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

type Change = (body: Buffer) => Buffer | string;

const text = (body: Buffer) => body.toString('latin1');

/** What somebody makes of a staged object. */
const CHANGES: Readonly<Record<string, Change>> = {
  'by one of equal size and number of lines': (body) => text(body).replaceAll('value 1', 'value 2'),
  'by its first half': (body) => body.subarray(0, body.length / 2),
  'by nothing': () => '',
  'by a page of XML': () => ERROR_PAGE,
  'by half a line': (body) => body.subarray(0, body.length - 5),
};

/** Loads while its import waits, does something to the staged files, and returns the failure. */
async function loadChanged(
  target: TestTarget,
  records: number,
  change: (s3: S3Client, keys: readonly string[]) => Promise<void>,
  options: LoadOptions = {},
) {
  await using processor = await target.open({ ...LENIENT, ...options });
  const lock = await target.lock();
  const s3 = testS3Client(target.way.s3);
  try {
    await processor.insert(generate(records, record));
    const flushed = failureOf(processor.flush());
    await target.untilImportWaits();
    await expect.poll(async () => frozen(target, processor)).toBe(records / 100);
    const files = await target.files(processor.processId);
    await change(
      s3,
      files.map(({ s3_key }) => s3_key),
    );
    await lock.release();
    return { failure: await flushed, processor };
  } finally {
    await lock.release();
    s3.destroy();
  }
}

async function frozen(target: TestTarget, { processId }: BulkProcessor): Promise<number> {
  const files = await target.files(processId);
  return files.filter(({ status }) => status === 'FROZEN' || status === 'IMPORTING').length;
}

async function rejects(target: TestTarget, { processId }: BulkProcessor): Promise<object[]> {
  return target.database.query(
    'select code, reason from relyt_sys.relyt_loader_reject where process_id = $1',
    [processId],
  );
}

/** Loads three hundred records through a proxy, all of which have to arrive. */
async function loadThrough(target: TestTarget, faultOf: FaultOf, options: LoadOptions = {}) {
  await using proxy = await S3Proxy.start(target.way.s3.endpoint);
  proxy.faultOf = faultOf;
  const { s3, ...rest } = options;
  const awsS3 = { endpointUrl: proxy.endpoint };
  const through = { endpoint: proxy.endpoint, importErrorSleepSeconds: 0, ...s3 };
  await using processor = await target.open({ ...LENIENT, awsS3, ...rest, s3: through });
  await processor.insert(generate(300, record));
  await processor.shutdown();
  return { faults: proxy.faults, rejects: await rejects(target, processor) };
}

/** A fault for the first downloads of the second file; what the database or the loader asks for beside passes. */
function onDownloads(fault: S3Fault, times: number): FaultOf {
  let left = times;
  return ({ method, path, headers }) => {
    const isWhole = headers.range === undefined;
    if (method !== 'GET' || !path.includes('file-000002') || !isWhole || left === 0)
      return undefined;
    left--;
    return fault;
  };
}

/** What goes wrong on the way, though S3 has the right bytes. */
const BROKEN: Readonly<Record<string, S3Fault>> = {
  'is cut within a line': { cutAfterBytes: 1000 },
  'is a page of XML, as a success': { status: 200, body: ERROR_PAGE },
  'is refused for now': { status: 503 },
  'is empty': { status: 200, body: '' },
};

/** The segments of a cluster, which read a folder for each import. */
function readsFolders(engine: string): boolean {
  return Object.values(PROFILES).some((it) => it.engine === engine && it.folderPerImport);
}

describeEngines(
  'a staged file that was replaced (G2)',
  ({ engine, makeTarget }) => {
    // Where an import reads a folder, it is of all three files.
    const before = readsFolders(engine.name) ? [] : FIRST_FILE;

    test.each(Object.entries(CHANGES))('%s is refused', async (_, changeOf) => {
      const target = await makeTarget(COLUMNS);
      let key = '';
      const change = async (s3: S3Client, keys: readonly string[]) => {
        key = keys[1] ?? '';
        const place = { Bucket: target.way.s3.bucket, Key: key };
        await s3.send(new PutObjectCommand({ ...place, Body: changeOf(await bodyOf(s3, place)) }));
      };
      const { failure, processor } = await loadChanged(target, 300, change);
      expect(failure.code).toBe('STAGED_FILE_CHANGED');
      expect(failure.message).toContain(key);
      expect(await target.rows()).toEqual(before);
      expect(await rejects(target, processor)).toEqual([]);
      // The object stays what it is, so a resume says the same at once.
      const resumed = BulkProcessor.resume(processor.processId, target.config(LENIENT));
      expect((await failureOf(resumed)).code).toBe('STAGED_FILE_CHANGED');
    });

    test('two that were swapped are refused', async () => {
      const target = await makeTarget(COLUMNS);
      const swap = async (s3: S3Client, [, one = '', two = '']: readonly string[]) => {
        const { bucket: Bucket } = target.way.s3;
        const first = await bodyOf(s3, { Bucket, Key: one });
        const second = await bodyOf(s3, { Bucket, Key: two });
        await s3.send(new PutObjectCommand({ Bucket, Key: one, Body: second }));
        await s3.send(new PutObjectCommand({ Bucket, Key: two, Body: first }));
      };
      const { failure } = await loadChanged(target, 300, swap);
      expect(failure.code).toBe('STAGED_FILE_CHANGED');
      expect(await target.rows()).toEqual(before);
    });
  },
  { oneServer: true, inS3: true },
);

describeEngines(
  'a download of a staged file (G1, G2)',
  ({ engine, makeTarget }) => {
    const complete = async (target: TestTarget) => {
      expect(await target.rows()).toEqual([...generate(300, record)]);
    };

    test.each(Object.entries(BROKEN))('that %s twice is repeated', async (_, fault) => {
      const target = await makeTarget(COLUMNS);
      const loaded = await loadThrough(target, onDownloads(fault, 2));
      expect(loaded).toEqual({ faults: 2, rejects: [] });
      await complete(target);
    });

    test.each([
      ['elsewhere', { location: 'http://127.0.0.1:1/' }],
      ['to nowhere', {}],
    ])('that is redirected %s: the body of the answer is no data', async (_, headers) => {
      const target = await makeTarget(COLUMNS);
      const fault = onDownloads({ status: 301, headers, body: ERROR_PAGE }, Infinity);
      await failureOf(loadThrough(target, fault, { s3: { importTimeoutSeconds: 2 } }));
      expect(await target.rows()).toEqual(FIRST_FILE);
      const kept =
        'select * from relyt_sys.relyt_loader_reject r join relyt_sys.relyt_loader_task t using (process_id) where t.pg_table = $1';
      expect(await target.database.query(kept, [`public.${target.table}`])).toEqual([]);
    });

    test('that is damaged on the way is repeated, where it is compressed or the loader reads it', async () => {
      const target = await makeTarget(COLUMNS);
      const compression = engine.name === 'copy' ? 'none' : 'gzip';
      const fault = onDownloads({ flipBitAt: 500 }, 1);
      const loaded = await loadThrough(target, fault, { compression });
      expect(loaded).toEqual({ faults: 1, rejects: [] });
      await complete(target);
    });

    test('that is another object of that size, whatever is asked for, is refused', async () => {
      const target = await makeTarget(COLUMNS);
      await using proxy = await S3Proxy.start(target.way.s3.endpoint);
      // A cache that knows no condition, and takes the third file for the second, its head included.
      const cache = async (s3: S3Client, [, key = '']: readonly string[]) => {
        const { ETag = '', Body } = await s3.send(
          new GetObjectCommand({ Bucket: target.way.s3.bucket, Key: key }),
        );
        const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
        proxy.faultOf = ({ method, path, headers }) =>
          method === 'GET' && path.includes('file-000003') && headers.range === undefined
            ? { status: 200, headers: { etag: ETag }, body }
            : undefined;
      };
      const { failure, processor } = await loadChanged(target, 300, cache, {
        awsS3: { endpointUrl: proxy.endpoint },
        s3: { endpoint: proxy.endpoint, importErrorSleepSeconds: 0 },
      });
      expect(failure.code).toBe('STAGED_FILE_CHANGED');
      expect(failure.message).toContain('file-000003');
      expect(await target.rows()).toEqual(FIRST_FILE);
      expect(await rejects(target, processor)).toEqual([]);
    });
  },
  { oneServer: true, inS3: true },
);

describeEngines(
  'files that an older version staged, without ETag, checksum and sum (G1)',
  ({ makeTarget }) => {
    const interrupted = async (target: TestTarget) => {
      const { processId } = await failedTask(target);
      await target.database.query(
        `update relyt_sys.relyt_loader_file set etag = null, crc32 = null, ordinal_sum = null
         where process_id = $1`,
        [processId],
      );
      await target.database.query(`alter table ${target.sql} drop constraint poison`);
      return processId;
    };

    test('are imported', async () => {
      const target = await makeTarget('id int primary key, v text');
      const processId = await interrupted(target);
      await using resumed = await BulkProcessor.resume(processId, target.config());
      await resumed.shutdown();
      expect(await target.count()).toBe(30);
    });

    test('are refused when they have another length', async () => {
      const target = await makeTarget('id int primary key, v text');
      const processId = await interrupted(target);
      const [, , file] = await target.files(processId);
      const s3 = testS3Client(target.way.s3);
      const place = { Bucket: target.way.s3.bucket, Key: file?.s3_key ?? '' };
      await s3.send(new PutObjectCommand({ ...place, Body: 'x' })).finally(() => s3.destroy());
      const resumed = BulkProcessor.resume(processId, target.config());
      expect((await failureOf(resumed)).code).toBe('STAGED_FILE_CHANGED');
    });
  },
  { oneServer: true, throughEndpoint: true, inS3: true },
);
