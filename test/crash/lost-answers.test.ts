// G1 when the network loses things: a statement that never arrives, an answer that never comes, a server that falls
// silent, an S3 server that fails before or after it did what it was asked to.

import { describe, expect, test, vi } from 'vitest';
import { BulkProcessor } from '../../src/bulk-processor.ts';
import { RelytError } from '../../src/errors.ts';
import { columnsOf, givenRecords, type RecordShape } from '../support/given-records.mjs';
import {
  type LoadOptions,
  type MakeTarget,
  type TestTarget,
  targetsOn,
} from '../support/loading.ts';
import { PostgresProxy } from '../support/postgres-proxy.ts';
import { type S3Fault, S3Proxy } from '../support/s3-proxy.ts';
import { defaultServer, testStack } from '../support/stack.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { CRASH_CONFIG } from './crash-case.ts';
import { expectLoadedExactly } from './verdict.ts';

const SMALL: RecordShape = { seed: 5, total: 200, keyed: false, rejects: true };
/** Two files of two parts each. */
const LARGE: RecordShape = { ...SMALL, total: 5_000, rejects: false, padBytes: 3_000 };

/** More than a task has from its plan to its end. */
const MOST_COMMITS = 60;

interface Load {
  readonly target: TestTarget;
  readonly shape: RecordShape;
  readonly options: LoadOptions;
}

const optionsFor = ({ total }: RecordShape): LoadOptions => ({
  ...CRASH_CONFIG,
  batchSize: total / 2,
  batchImportSize: 1,
});

async function finish(processor: BulkProcessor, { shape }: Load, batch = shape.total / 4) {
  for (let at = Number(processor.position ?? 0); at < shape.total; at += batch) {
    const end = Math.min(at + batch, shape.total);
    await processor.insert(givenRecords(shape, at, end), { position: end });
  }
  await processor.shutdown();
}

/** Loads; when that fails in an orderly way, a resume does the rest. */
async function loadOrResume(load: Load): Promise<string> {
  const { target, options } = load;
  await using first = await target.open(options);
  const { processId } = first;
  const failure = await finish(first, load).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) return processId;
  expect(failure).toMatchObject({ code: expect.stringMatching(/^(DATABASE|S3|IMPORT)_/) });
  await using second = await vi.waitFor(
    () => BulkProcessor.resume(processId, target.config(options)),
    { timeout: 60_000, interval: 200 },
  );
  await finish(second, load);
  return processId;
}

async function prepared(makeTarget: MakeTarget, shape: RecordShape): Promise<Load> {
  return { target: await makeTarget(columnsOf(shape)), shape, options: optionsFor(shape) };
}

describe.concurrent('a statement or its answer that is lost (G1)', () => {
  const makeTarget = targetsOn(defaultServer());

  const STATEMENTS = {
    'recording a file': "'CREATED', now()",
    'advancing the task': 'set last_ordinal = ',
    'freezing files': "set status = 'FROZEN', frozen_at = now()",
    'taking files': "set status = 'IMPORTING'",
    'making the external table': 'relyt_loader_expose',
    'recording an import': 'insert into relyt_sys.relyt_loader_import',
    'marking files imported': "set status = 'IMPORTED'",
    'the summary': 'set files_total = ',
    'the end of the task': 'set status = $4, error_message = $5',
  };
  const cases = Object.entries(STATEMENTS).flatMap(([what, text]) =>
    (['before', 'after'] as const).map((cut) => ({ what, text, cut })),
  );

  test.each(cases)('$what, cut $cut the server did it', async ({ text, cut }) => {
    const load = await prepared(makeTarget, SMALL);
    await using proxy = await TcpProxy.start(load.target.database.url);
    proxy.lose({ text, cut });
    const processId = await loadOrResume({ ...load, options: { ...load.options, url: proxy.url } });
    expect(proxy.met).toBe(1);
    await expectLoadedExactly({ ...load, processId });
  });

  test.each(
    [
      { what: 'a freeze', having: "set status = 'FROZEN', frozen_at = now()" },
      { what: 'an import', having: "set status = 'IMPORTED'" },
      { what: 'the end of the task', having: 'set status = $4, error_message = $5' },
    ].flatMap((one) => (['before', 'after'] as const).map((cut) => ({ ...one, cut }))),
  )('COMMIT of $what, cut $cut the server did it', async ({ having, cut }) => {
    const load = await prepared(makeTarget, SMALL);
    await using proxy = await PostgresProxy.start(load.target.database.url);
    proxy.loseCommit({ cut, having });
    const options = { ...load.options, url: proxy.url };
    const processId = await loadOrResume({ ...load, options });
    expect(proxy.lost).toBe(1);
    await expectLoadedExactly({ ...load, processId });
  });

  const WITHOUT_S3 = {
    'copying the rows': 'from stdin (format',
    'advancing the task': 'set last_ordinal = ',
    'recording a file': "'', n.key, '', 'IMPORTED'",
    'recording an import': 'insert into relyt_sys.relyt_loader_import',
  };

  test.each(
    Object.entries(WITHOUT_S3).flatMap(([what, text]) =>
      (['before', 'after'] as const).map((cut) => ({ what, text, cut })),
    ),
  )('without S3: $what, cut $cut the server did it', async ({ text, cut }) => {
    const load = await prepared(makeTarget, SMALL);
    await using proxy = await TcpProxy.start(load.target.database.url);
    proxy.lose({ text, cut });
    const options: LoadOptions = { ...load.options, engine: 'direct', url: proxy.url };
    const processId = await loadOrResume({ ...load, options });
    expect(proxy.met).toBe(1);
    await expectLoadedExactly({ ...load, processId });
  });

  test.each(['before', 'after'] as const)(
    'without S3: COMMIT of an import, cut %s the server did it',
    async (cut) => {
      const load = await prepared(makeTarget, SMALL);
      await using proxy = await PostgresProxy.start(load.target.database.url);
      proxy.loseCommit({ cut, having: "'', n.key, '', 'IMPORTED'" });
      const options: LoadOptions = { ...load.options, engine: 'direct', url: proxy.url };
      const processId = await loadOrResume({ ...load, options });
      expect(proxy.lost).toBe(1);
      await expectLoadedExactly({ ...load, processId });
    },
  );

  const ENGINES = ['postgres', 'copy', 'direct'] as const;

  test.each(ENGINES)(
    'any COMMIT where a task begins, engine %s: a code that says so, if not a task (G8)',
    async (engine) => {
      const target = await makeTarget(columnsOf(SMALL));
      await target.load([]);
      await using proxy = await PostgresProxy.start(target.database.url);
      const codes: string[] = [];
      let lost = 0;
      do {
        lost = proxy.lost;
        proxy.loseCommit({ cut: 'before', having: '', passing: lost });
        const begun = await target
          .open({ url: proxy.url, engine })
          .catch((error: unknown) => error);
        if (begun instanceof BulkProcessor) await begun.abort();
        else codes.push(begun instanceof RelytError ? begun.code : String(begun));
      } while (proxy.lost > lost && lost < MOST_COMMITS);
      expect(new Set(codes)).toEqual(new Set(['DATABASE_UNREACHABLE']));
      // A plan reads in two transactions; the one that stores the task is repeated.
      expect(codes).toHaveLength(2);
    },
  );

  test.each(['before', 'after'] as const)(
    'COMMIT of a take-over, cut %s the server did it',
    async (cut) => {
      const load = await prepared(makeTarget, SMALL);
      await using first = await load.target.open(load.options);
      await first.insert(givenRecords(SMALL, 0, 100), { position: 100 });
      await first.suspend('for this test');
      const { processId } = first;
      await using proxy = await PostgresProxy.start(load.target.database.url);
      proxy.loseCommit({ cut, having: 'set epoch = t.epoch + 1' });
      const viaProxy = load.target.config({ ...load.options, url: proxy.url });
      await expect(BulkProcessor.resume(processId, viaProxy)).rejects.toMatchObject({
        code: 'DATABASE_UNREACHABLE',
      });
      // A take-over that took effect holds the task until its lease has run out.
      await using second = await vi.waitFor(() => BulkProcessor.resume(processId, viaProxy), {
        timeout: 60_000,
        interval: 200,
      });
      await finish(second, load);
      await expectLoadedExactly({ ...load, processId });
    },
  );
});

describe.concurrent('a database that falls silent (G1)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('while an import is under way: given up after the time an import may take, and resumed', async () => {
    const load = await prepared(makeTarget, SMALL);
    const { target } = load;
    await using proxy = await TcpProxy.start(target.database.url);
    const options = { ...load.options, url: proxy.url, s3: { importTimeoutSeconds: 3 } };
    await using first = await target.open(options);
    const { processId } = first;
    const lock = await target.lock();
    const failed = expect(finish(first, load)).rejects.toMatchObject({
      code: expect.stringMatching(/^(IMPORT_TIMEOUT|DATABASE_UNREACHABLE)$/),
    });
    await target.untilImportWaits();
    proxy.silence();
    await lock.release();
    await new Promise((resolve) => first.on('failed', resolve));
    proxy.speak();
    await failed;
    await using second = await vi.waitFor(
      () => BulkProcessor.resume(processId, target.config(load.options)),
      { timeout: 60_000, interval: 200 },
    );
    await finish(second, load);
    await expectLoadedExactly({ ...load, processId });
  });

  test('between two batches: waited for, and gone on with', async () => {
    const load = await prepared(makeTarget, SMALL);
    await using proxy = await TcpProxy.start(load.target.database.url);
    await using processor = await load.target.open({ ...load.options, url: proxy.url });
    await processor.insert(givenRecords(SMALL, 0, 50), { position: 50 });
    await processor.flush();
    proxy.silence();
    const loaded = (async () => {
      for (let at = 50; at < 200; at += 50) {
        await processor.insert(givenRecords(SMALL, at, at + 50), { position: at + 50 });
      }
      await processor.shutdown();
    })();
    // It has given up a silent connection and tried a new one, in vain.
    await vi.waitUntil(() => proxy.acceptedInSilence > 0, { timeout: 60_000 });
    proxy.speak();
    await loaded;
    await expectLoadedExactly({ ...load, processId: processor.processId });
  });
});

describe.concurrent('an S3 server that fails (G1, G7)', () => {
  const makeTarget = targetsOn(defaultServer());

  const REQUESTS = {
    'storing an object': { shape: SMALL, is: /^PUT (?!.*partNumber)/ },
    'beginning an upload': { shape: LARGE, is: /^POST .*\?uploads/ },
    'storing a part': { shape: LARGE, is: /^PUT .*partNumber=1/ },
    'completing an upload': { shape: LARGE, is: /^POST .*\?uploadId=/ },
    'deleting an object': { shape: SMALL, is: /^(DELETE|POST .*\?delete)/ },
    'the download by the database': { shape: SMALL, is: /^GET .*X-Amz-Signature/ },
  };
  const FAULTS: Record<string, NonNullable<S3Fault>> = {
    'answers 500': { status: 500 },
    'answers 503': { status: 503 },
    'refuses the connection': { refuse: true },
    'does it and loses the answer': { cutAfterBytes: 0 },
  };
  const cases = Object.entries(REQUESTS).flatMap(([what, request]) =>
    Object.entries(FAULTS).map(([how, fault]) => ({ what, how, fault, ...request })),
  );

  test.each(cases)('$what: it $how, twice', async ({ shape, is, fault }) => {
    const load = await prepared(makeTarget, shape);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    proxy.faultOf = ({ method, path }) =>
      is.test(`${method} ${path}`) && proxy.faults < 2 ? fault : undefined;
    const options = { ...load.options, s3: { endpoint: proxy.endpoint } };
    const processId = await loadOrResume({ ...load, options });
    expect(proxy.faults).toBe(2);
    await expectLoadedExactly({ ...load, processId });
  });

  // The SDK waits a minute for an answer, and so does the database.
  test.runIf(process.env.RELYT_TEST_FULL === '1').each(Object.entries(REQUESTS))(
    '%s: it never answers, once',
    { timeout: 200_000 },
    async (_, { shape, is }) => {
      const load = await prepared(makeTarget, shape);
      await using proxy = await S3Proxy.start(testStack().s3.endpoint);
      proxy.faultOf = ({ method, path }) =>
        is.test(`${method} ${path}`) && proxy.faults < 1 ? { hang: true } : undefined;
      const options = { ...load.options, s3: { endpoint: proxy.endpoint } };
      const processId = await loadOrResume({ ...load, options });
      expect(proxy.faults).toBe(1);
      await expectLoadedExactly({ ...load, processId });
    },
  );
});
