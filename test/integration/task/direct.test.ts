// G1, G3, G5 and G8 without S3: nothing of a record is durable before its import commits.

import { describe, expect, test, vi } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { BulkProcessorConfig } from '../../../src/config/load-config.ts';
import { abortTask } from '../../../src/index.ts';
import { failAt } from '../../support/fail-at.ts';
import {
  createLoaderRole,
  failureOf,
  generate,
  type LoadOptions,
  type TestTarget,
  targetsOn,
} from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const MIB = 1024 * 1024;

/** A configuration that says nothing of S3. */
function withoutS3(target: TestTarget, options: LoadOptions = {}): BulkProcessorConfig {
  const { s3: _, ...config } = target.config(options);
  return config;
}

/** The import of this number fails for good, before it commits. */
function failImport(number: number): void {
  failAt('before-commit', { hit: number });
}

async function storedTask(target: TestTarget, processId: string) {
  const [task] = await target.database.query<Record<string, unknown>>(
    `select engine, last_ordinal::int, frozen_files::int, source_position, replay_after::int
     from relyt_sys.relyt_loader_task where process_id = $1`,
    [processId],
  );
  return task;
}

describe('a load without S3', () => {
  const makeTarget = targetsOn(defaultServer());

  test('is what auto does where none is configured', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await BulkProcessor.create(withoutS3(target));
    await processor.insert([{ id: 1, v: 'one' }]);
    await processor.shutdown();
    const { processId } = processor;
    expect(await target.rows()).toEqual([{ id: 1, v: 'one' }]);
    expect(await storedTask(target, processId)).toMatchObject({
      engine: 'direct',
      frozen_files: 1,
    });
    const place = await target.database.query(
      `select s3_bucket, s3_url, s3_key, status, attempts, stored_bytes::int
       from relyt_sys.relyt_loader_file where process_id = $1`,
      [processId],
    );
    expect(place).toEqual([
      {
        s3_bucket: '',
        s3_url: '',
        s3_key: expect.stringMatching(/^file-000001-e1-\w+\.bin$/),
        status: 'IMPORTED',
        attempts: 1,
        stored_bytes: 0,
      },
    ]);
    expect(await target.checkpoint(processId)).toMatchObject({
      status: 'COMPLETED',
      files_total: 1,
      files_imported: 1,
    });
  });

  test('of a role that may write the table only, where the schema is there', async () => {
    const target = await makeTarget('id int primary key, v text');
    const role = await createLoaderRole(target);
    await target.database.query(`grant select, insert, update on ${target.sql} to ${role.name}`);
    await using processor = await BulkProcessor.create(
      withoutS3(target, { url: role.url, engine: 'direct' }),
    );
    await processor.insert([{ id: 1, v: 'one' }]);
    await processor.shutdown();
    expect(await target.count()).toBe(1);
  });

  test.each(['id int, v text', 'id int primary key, v text'])(
    'goes on exactly where its last import ended (G1): %s',
    async (columns) => {
      const target = await makeTarget(columns);
      const config = withoutS3(target, { batchSize: 10, maxErrorRecords: 100 });
      const given = (from: number, to: number) =>
        generate(to - from, (n) => ({ id: from + n, v: (from + n) % 7 === 0 ? 'a\0b' : 'x' }));
      failImport(3);
      await using first = await BulkProcessor.create(config);
      const broken = (async () => {
        for (let at = 0; at < 100; at += 25)
          await first.insert(given(at, at + 25), { position: at + 25 });
        await first.shutdown();
      })();
      await failureOf(broken);
      const stored = await storedTask(target, first.processId);
      const rejected = await target.database.query(
        'select 1 from relyt_sys.relyt_loader_reject where process_id = $1 and record_ordinal <= $2',
        [first.processId, stored?.last_ordinal],
      );
      expect((await target.count()) + rejected.length).toBe(stored?.last_ordinal);

      await using again = await BulkProcessor.resume(first.processId, config);
      const from = Number(again.position ?? 0);
      for (let at = from; at < 100; at += 25)
        await again.insert(given(at, at + 25), { position: at + 25 });
      await again.shutdown();
      const kept = await target.database.query(
        'select 1 from relyt_sys.relyt_loader_reject where process_id = $1',
        [first.processId],
      );
      expect(await target.rows('count(*)::int as n, count(distinct id)::int as ids')).toEqual([
        { n: 85, ids: 85 },
      ]);
      expect(kept).toHaveLength(15);
    },
  );

  test('stores a position behind which every record was rejected', async () => {
    const target = await makeTarget('id int');
    const config = withoutS3(target, { maxErrorRecords: 10, batchSize: 1 });
    await using processor = await BulkProcessor.create(config);
    await processor.insert([{ id: 1 }], { position: 1 });
    await processor.insert([{ id: 'no number' }], { position: 2 });
    await processor.flush();
    expect(await storedTask(target, processor.processId)).toMatchObject({
      last_ordinal: 2,
      frozen_files: 1,
      source_position: 2,
    });
    await processor.shutdown();
  });

  test.each([1, 3])(
    'takes no more memory than its buffers, with %i imports that wait (G5)',
    async (concurrency) => {
      const target = await makeTarget('id int, v text');
      const config = withoutS3(target, { bufferBytes: 16 * MIB, concurrency });
      await using processor = await BulkProcessor.create(config);
      await using lock = await locked(target);
      const total = 64;
      const v = 'x'.repeat(MIB);
      const inserted = processor.insert(generate(total, (id) => ({ id, v })));
      await target.untilImportWaits();
      // What is taken is in buffers: those of all open generations, and the record that found none left.
      let taken = 0;
      await vi.waitFor(
        () => {
          const { received } = processor.progress();
          const isStill = received === taken;
          taken = received;
          expect(isStill).toBe(true);
        },
        { timeout: 60_000, interval: 500 },
      );
      expect(taken).toBeLessThanOrEqual(18);
      await lock.release();
      await inserted;
      await processor.shutdown();
      expect(await target.count()).toBe(total);
    },
  );

  test('keeps every rejected record when the task fails during an import (G4)', async () => {
    const target = await makeTarget('id int');
    const config = withoutS3(target, { batchSize: 2, maxErrorRecords: 2 });
    await using processor = await BulkProcessor.create(config);
    await using lock = await locked(target);
    const failure = failureOf(
      processor.insert([1, 'first', 2, 3, 'second', 'over the limit'].map((id) => ({ id }))),
    );
    expect(await failure).toMatchObject({ code: 'REJECT_LIMIT_EXCEEDED' });
    await lock.release();
    await failureOf(processor.shutdown());
    const kept = await target.database.query(
      `select record_ordinal::int as ordinal from relyt_sys.relyt_loader_reject where process_id = $1 order by 1`,
      [processor.processId],
    );
    expect(kept).toEqual([{ ordinal: 2 }, { ordinal: 5 }]);
  });

  test('takes a record that is longer than all its buffers', async () => {
    const target = await makeTarget('id int, v text');
    await using processor = await BulkProcessor.create(
      withoutS3(target, { bufferBytes: 16 * MIB }),
    );
    await processor.insert([1, 2, 3].map((id) => ({ id, v: 'y'.repeat(20 * MIB) })));
    await processor.shutdown();
    expect(await target.rows('id, length(v) as n')).toEqual(
      [1, 2, 3].map((id) => ({ id, n: 20 * MIB })),
    );
  });

  test('is aborted without S3', async () => {
    const target = await makeTarget('id int');
    failImport(1);
    await using processor = await BulkProcessor.create(withoutS3(target));
    await processor.insert([{ id: 1 }]);
    await failureOf(processor.shutdown());
    const access = { postgresql: { connectionString: target.database.url } };
    expect(await abortTask(access, processor.processId)).toMatchObject({ objectsDeleted: 0 });
    expect(await target.checkpoint(processor.processId)).toMatchObject({ status: 'CANCELLED' });
  });

  test('does not go on with a task that has files in S3 (G8)', async () => {
    const target = await makeTarget('id int');
    failImport(1);
    await using processor = await target.open({ engine: 'copy' });
    await processor.insert([{ id: 1 }]);
    await failureOf(processor.shutdown());
    const { processId } = processor;
    const config = withoutS3(target, { engine: 'direct' });
    const differs = await failureOf(BulkProcessor.resume(processId, config));
    expect(differs).toMatchObject({ code: 'RESUME_REFUSED' });
    const allowChanges = ['engine', 's3Location'] as const;
    const refused = await failureOf(BulkProcessor.resume(processId, config, { allowChanges }));
    expect(refused.code).toBe('RESUME_REFUSED');
    expect(refused.message).toMatch(/has 1 file in S3 that are not imported/);
    // An open engine does not lead there either.
    const open = await failureOf(BulkProcessor.resume(processId, withoutS3(target)));
    expect(open.code).toBe('LOADER_CONFIG_MISSING');
    await using again = await BulkProcessor.resume(processId, target.config({ engine: 'copy' }));
    await again.shutdown();
    expect(await target.count()).toBe(1);
  });

  test('goes on without S3 where one is configured by now', async () => {
    const target = await makeTarget('id int');
    failImport(1);
    await using processor = await BulkProcessor.create(withoutS3(target));
    await processor.insert([{ id: 1 }], { position: 1 });
    await failureOf(processor.shutdown());
    await using again = await BulkProcessor.resume(processor.processId, target.config());
    expect(again.position).toBeUndefined();
    await again.insert([{ id: 1 }], { position: 1 });
    await again.shutdown();
    expect(await target.count()).toBe(1);
    expect(await storedTask(target, processor.processId)).toMatchObject({ engine: 'direct' });
  });
});

async function locked(target: TestTarget) {
  const lock = await target.lock();
  return { ...lock, [Symbol.asyncDispose]: () => lock.release() };
}
