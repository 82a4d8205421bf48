import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RelytError } from '../../../src/errors.ts';
import { s3Fault } from '../../support/memory-object-store.ts';
import type { StoreOperation } from '../../support/store-faults.ts';
import {
  appendAll,
  expectNothingLeft,
  KEY,
  manyParts,
  startFile,
  until,
} from './staged-file-fixture.ts';

const denied = s3Fault('S3_ACCESS_DENIED', 'AccessDenied');
const reset = s3Fault('S3_UNREACHABLE', 'ECONNRESET');

/** One short line is put; many are a multipart upload. */
function linesFor(operation: StoreOperation): string[] {
  return operation === 'putObject' ? ['1\n'] : manyParts();
}

const writes = ['putObject', 'createMultipart', 'uploadPart', 'completeMultipart'] as const;
const modes = writes.flatMap((operation) => [false, true].map((gzip) => ({ operation, gzip })));

/** Compresses badly, so that gzip too makes several parts. */
function incompressible(operation: StoreOperation): string[] {
  if (operation === 'putObject') return ['1\n'];
  let state = 1;
  const digits = Array.from({ length: 4000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state.toString(36);
  });
  return [`${digits.join('')}\n`];
}

describe('a staged file that fails', () => {
  it.each(modes)('G7: at $operation (gzip $gzip) leaves nothing', async ({ operation, gzip }) => {
    const staging = startFile({ gzip });
    staging.store.faults.fail(operation, denied);
    const load = async () => {
      await appendAll(staging.file, incompressible(operation));
      await staging.file.finish();
    };
    await expect(load()).rejects.toBe(denied);
    await staging.file.abort();
    expectNothingLeft(staging);
    await expect(staging.file.whenWritable()).rejects.toBe(denied);
    expect(staging.file.blocked).toBe(true);
  });

  it.each(writes)('gives up when %s keeps failing', async (operation) => {
    // One request at a time, so that all three failures meet the same one.
    const staging = startFile({ maxPartsInFlight: 1 });
    staging.store.faults.fail(operation, reset, 3);
    for (const line of linesFor(operation)) staging.file.append(line);
    await expect(staging.file.finish()).rejects.toBe(reset);
    await staging.file.abort();
    expectNothingLeft(staging);
  });

  it.each(modes)(
    'G1: survives $operation failing twice (gzip $gzip)',
    async ({ operation, gzip }) => {
      const { store, pool, file } = startFile({ gzip });
      store.faults.fail(operation, reset, 2);
      const lines = incompressible(operation);
      await appendAll(file, lines);
      await file.finish();
      const body = store.objects.get(KEY)?.body ?? Buffer.alloc(0);
      expect((gzip ? gunzipSync(body) : body).toString()).toBe(lines.join(''));
      expect([store.faults.left, store.uploads.size, pool.inUse]).toEqual([0, 0, 0]);
    },
  );

  it.each(writes)('G1: survives the lost answer to %s, and leaves no stray', async (operation) => {
    const { store, pool, file } = startFile();
    store.faults.failAfterWrite(operation, reset);
    const lines = linesFor(operation);
    await appendAll(file, lines);
    await file.finish();
    expect(store.objects.get(KEY)?.body.toString()).toBe(lines.join(''));
    expect([store.faults.left, store.uploads.size, pool.inUse]).toEqual([0, 0, 0]);
  });

  it('does not take another object for its own when the upload is gone', async () => {
    const staging = startFile();
    staging.store.objects.set(KEY, {
      body: Buffer.from('other'),
      etag: '"other"',
      contentEncoding: undefined,
      lastModified: new Date(),
    });
    const held = staging.store.faults.hang('completeMultipart');
    await appendAll(staging.file, manyParts());
    const finished = staging.file.finish();
    await held.reached;
    staging.store.uploads.clear(); // somebody aborted it
    held.release();
    await expect(finished).rejects.toMatchObject({ details: { s3Error: 'NoSuchUpload' } });
    await staging.file.abort();
    expectNothingLeft(staging);
  });

  it('G7: removes an upload whose id was never learnt', async () => {
    const staging = startFile();
    await staging.store.createMultipart({ key: `${KEY}.other` }); // a neighbour, to be left alone
    staging.store.faults.failAfterWrite('createMultipart', denied);
    for (const line of manyParts()) staging.file.append(line);
    await expect(staging.file.finish()).rejects.toBe(denied);
    await staging.file.abort();
    expect([...staging.store.uploads.values()].map((upload) => upload.key)).toEqual([
      `${KEY}.other`,
    ]);
  });

  it('fails with the reason why it may not be uploaded', async () => {
    const reason = new RelytError('LEASE_LOST', 'taken over');
    const staging = startFile({ beforeUpload: async () => Promise.reject(reason) });
    staging.file.append('1\n');
    await expect(staging.file.finish()).rejects.toBe(reason);
    await staging.file.abort();
    expect(staging.store.calls).toEqual([]);
    expectNothingLeft(staging);
  });

  it('wraps what is not an error of ours', async () => {
    const bug = new TypeError('undefined is not a function');
    const staging = startFile();
    staging.store.faults.fail('putObject', bug);
    staging.file.append('1\n');
    await expect(staging.file.finish()).rejects.toMatchObject({ code: 'INTERNAL', cause: bug });
  });

  it('drops lines after the failure', async () => {
    const staging = startFile();
    staging.store.faults.fail('createMultipart', denied);
    staging.file.append(manyParts(1)[0] ?? '');
    await expect(staging.file.whenWritable()).rejects.toBe(denied);
    staging.file.append('dropped\n');
    expect(staging.file.records).toBe(2);
    await expect(staging.file.finish()).rejects.toBe(denied);
    expectNothingLeft(staging);
  });
});

describe('a staged file that is aborted', () => {
  it.each(modes)('G7: while $operation hangs (gzip $gzip)', async ({ operation, gzip }) => {
    const staging = startFile({ gzip });
    const held = staging.store.faults.hang(operation);
    for (const line of incompressible(operation)) staging.file.append(line);
    const finished = staging.file.finish();
    const outcome = expect(finished).rejects.toMatchObject({ code: 'ABORTED' });
    await held.reached;
    await Promise.all([staging.file.abort(), staging.file.abort()]);
    await outcome;
    expectNothingLeft(staging);
  });

  it.each(['putObject', 'uploadPart'] as const)(
    'G7: removes what a %s stores that could not be stopped',
    async (operation) => {
      const staging = startFile();
      const held = staging.store.faults.hang(operation, true);
      for (const line of linesFor(operation)) staging.file.append(line);
      const finished = expect(staging.file.finish()).rejects.toMatchObject({ code: 'ABORTED' });
      await held.reached;
      const aborted = staging.file.abort();
      await new Promise((resolve) => setImmediate(resolve));
      held.release();
      await Promise.all([finished, aborted]);
      expect(staging.store.calls.at(-1)).toMatch(/^(deleteObject|abortMultipart)$/);
      expectNothingLeft(staging);
    },
  );

  it('G7: while the database hangs', async () => {
    const staging = startFile({ beforeUpload: () => new Promise(() => {}) });
    for (const line of manyParts()) staging.file.append(line);
    expect(staging.file.blocked).toBe(true);
    const waiting = expect(staging.file.whenWritable()).rejects.toMatchObject({ code: 'ABORTED' });
    await staging.file.abort();
    await waiting;
    expect(staging.store.calls).toEqual([]);
    expectNothingLeft(staging);
  });

  it('by its signal, before and while it is written', async () => {
    const controller = new AbortController();
    const staging = startFile({ signal: controller.signal, capacity: 2 });
    const held = staging.store.faults.hang('uploadPart');
    for (const line of manyParts()) staging.file.append(line);
    await held.reached;
    controller.abort();
    await expect(staging.file.finish()).rejects.toMatchObject({ code: 'ABORTED' });
    expectNothingLeft(staging);

    const late = startFile({ signal: controller.signal });
    late.file.append('1\n');
    await expect(late.file.finish()).rejects.toMatchObject({ code: 'ABORTED' });
    expectNothingLeft(late);
  });

  it('gives back the buffer of a file that was never full', async () => {
    const staging = startFile({ capacity: 2 });
    staging.file.append(`${'x'.repeat(5000)}\n`);
    await until(() => staging.store.calls.includes('uploadPart'));
    await staging.file.abort();
    expectNothingLeft(staging);
    expect(() => staging.file.append('1\n')).toThrowError(/after its end/);
  });

  it('says so when the multipart upload could not be removed', async () => {
    const staging = startFile();
    staging.store.faults.fail('uploadPart', denied);
    staging.store.faults.fail('abortMultipart', s3Fault('S3_ACCESS_DENIED', 'AbortDenied'));
    for (const line of manyParts()) staging.file.append(line);
    await expect(staging.file.finish()).rejects.toBe(denied);
    await expect(staging.file.abort()).rejects.toMatchObject({
      details: { s3Error: 'AbortDenied' },
    });
    expect(staging.pool.inUse).toBe(0);
  });
});
