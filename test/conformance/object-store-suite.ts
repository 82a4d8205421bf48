import { randomBytes } from 'node:crypto';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/staging/object-store.ts';
import { PartPool } from '../../src/staging/part-pool.ts';
import { StagedFile } from '../../src/staging/staged-file.ts';

/** One implementation under test. */
export interface StoreHarness {
  readonly store: ObjectStore;
  /** Reads an object by another way than the store: as it is stored, and how it says it is encoded. */
  readonly read: (key: string) => Promise<{ body: Buffer; contentEncoding: string | undefined }>;
  readonly dispose: () => Promise<void>;
}

const PART_BYTES = 5 * 1024 * 1024;

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What every object store does. */
export function objectStoreSuite(name: string, start: () => Promise<StoreHarness>): void {
  describe(`object store: ${name}`, () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeAll(async () => {
      harness = await start();
      store = harness.store;
    });
    // A missing harness means that beforeAll failed, which is already reported.
    afterAll(async () => harness?.dispose());

    it('puts an object of several chunks, and replaces it', async () => {
      const chunks = [Buffer.from('1,a\n'), Buffer.from('2,ä\n')];
      await store.putObject({ key: 'put/a.csv', chunks });
      expect((await harness.read('put/a.csv')).body.toString()).toBe('1,a\n2,ä\n');
      expect(await store.headObject('put/a.csv')).toMatchObject({ size: 9 });
      await store.putObject({ key: 'put/a.csv', chunks: [Buffer.from('3\n')] });
      expect((await harness.read('put/a.csv')).body.toString()).toBe('3\n');
    });

    it('keeps the content encoding, put or multipart', async () => {
      const request = { key: 'put/a.csv.gz', contentEncoding: 'gzip' } as const;
      await store.putObject({ ...request, chunks: [Buffer.from('x')] });
      expect((await harness.read(request.key)).contentEncoding).toBe('gzip');
      const uploadId = await store.createMultipart(request);
      const chunks = [Buffer.from('y')];
      const part = await store.uploadPart({ key: request.key, uploadId, partNumber: 1, chunks });
      const parts = [{ ...part, partNumber: 1 }];
      await store.completeMultipart({ key: request.key, uploadId, parts });
      expect(await harness.read(request.key)).toEqual({
        body: Buffer.from('y'),
        contentEncoding: 'gzip',
      });
    });

    it('knows what is not there', async () => {
      expect(await store.headObject('nothing')).toBeUndefined();
      await store.deleteObject('nothing');
      await store.deleteObjects(['nothing', 'no more']);
      expect(await collect(store.list('nothing'))).toEqual([]);
      expect(await collect(store.listMultipartUploads('nothing'))).toEqual([]);
    });

    it('G4: reads an object as it is stored, compressed or not, empty or large', async () => {
      const large = randomBytes(3 * 1024 * 1024 + 7);
      const bodies: readonly [string, Buffer][] = [
        ['read/empty.csv', Buffer.alloc(0)],
        ['read/plain.csv', Buffer.from('1,ä\n')],
        ['read/large.csv', large],
      ];
      for (const [key, body] of bodies) {
        await store.putObject({ key, chunks: [body] });
        const read = Buffer.concat(await collect(await store.readObject(key)));
        expect(read.equals(body)).toBe(true);
      }
      const zipped = gzipSync('1,a\n');
      const key = 'read/a.csv.gz';
      await store.putObject({ key, chunks: [zipped], contentEncoding: 'gzip' });
      const read = Buffer.concat(await collect(await store.readObject(key)));
      expect(read.equals(zipped)).toBe(true);
    });

    it('says NoSuchKey when there is no object to read', async () => {
      await expect(store.readObject('read/nothing')).rejects.toMatchObject({
        code: 'S3_ERROR',
        details: { s3Error: 'NoSuchKey' },
      });
    });

    it('G2: reads the object of an ETag, and no other', async () => {
      const key = 'read/replaced.csv';
      const etag = await store.putObject({ key, chunks: [Buffer.from('1,a\n')] });
      expect(await store.headObject(key)).toMatchObject({ size: 4, etag });
      expect(await collect(store.list(key))).toMatchObject([{ key, size: 4, etag }]);
      const read = Buffer.concat(await collect(await store.readObject(key, { etag })));
      expect(read.toString()).toBe('1,a\n');
      const other = await store.putObject({ key, chunks: [Buffer.from('1,b\n')] });
      expect(other).not.toBe(etag);
      await expect(store.readObject(key, { etag })).rejects.toMatchObject({
        details: { s3Error: 'PreconditionFailed' },
      });
    });

    it('lets a reader stop early, and ends a reading whose signal fires midway', async () => {
      const key = 'read/stopped.csv';
      await store.putObject({ key, chunks: [randomBytes(8 * 1024 * 1024)] });
      for await (const chunk of await store.readObject(key)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      const controller = new AbortController();
      const reading = (async () => {
        for await (const _chunk of await store.readObject(key, { signal: controller.signal })) {
          controller.abort();
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
    });

    it('makes an object of parts, in the order of their numbers, the last sent of each', async () => {
      const key = 'multi/a.csv';
      const uploadId = await store.createMultipart({ key });
      expect(await collect(store.listMultipartUploads('multi/'))).toEqual([
        { key, uploadId, initiated: expect.any(Date) },
      ]);
      const first = randomBytes(PART_BYTES);
      const send = (partNumber: number, chunks: Buffer[]) =>
        store.uploadPart({ key, uploadId, partNumber, chunks });
      await send(2, [Buffer.from('replaced')]);
      const [two, one] = await Promise.all([
        send(2, [Buffer.from('la'), Buffer.from('st')]),
        send(1, [first]),
      ]);
      const parts = [
        { ...one, partNumber: 1 },
        { ...two, partNumber: 2 },
      ];
      await store.completeMultipart({ key, uploadId, parts });
      const { body } = await harness.read(key);
      expect(body.equals(Buffer.concat([first, Buffer.from('last')]))).toBe(true);
      expect(await collect(store.listMultipartUploads('multi/'))).toEqual([]);
    });

    it('says NoSuchUpload once an upload is complete or aborted; aborting again is no error', async () => {
      const key = 'multi/gone.csv';
      const uploadId = await store.createMultipart({ key });
      const chunks = [Buffer.from('x')];
      const part = await store.uploadPart({ key, uploadId, partNumber: 1, chunks });
      await store.abortMultipart(key, uploadId);
      await store.abortMultipart(key, uploadId);
      const noSuchUpload = { code: 'S3_ERROR', details: { s3Error: 'NoSuchUpload' } };
      const parts = [{ ...part, partNumber: 1 }];
      const complete = store.completeMultipart({ key, uploadId, parts });
      await expect(complete).rejects.toMatchObject(noSuchUpload);
      const late = store.uploadPart({ key, uploadId, partNumber: 2, chunks });
      await expect(late).rejects.toMatchObject(noSuchUpload);
      expect(await store.headObject(key)).toBeUndefined();
    });

    it('refuses a small part that is not the last', async () => {
      const key = 'multi/small.csv';
      const uploadId = await store.createMultipart({ key });
      const send = async (partNumber: number) => {
        const chunks = [Buffer.from('small')];
        return { ...(await store.uploadPart({ key, uploadId, partNumber, chunks })), partNumber };
      };
      const parts = [await send(1), await send(2)];
      const complete = store.completeMultipart({ key, uploadId, parts });
      await expect(complete).rejects.toMatchObject({ details: { s3Error: 'EntityTooSmall' } });
      await store.abortMultipart(key, uploadId);
    });

    it('lists and deletes more objects than fit into one request', async () => {
      const keys = Array.from({ length: 1005 }, (_, i) => `many/${String(i).padStart(5, '0')}.csv`);
      const queue = [...keys, 'manyother.csv'].values();
      const worker = async () => {
        for (const key of queue) await store.putObject({ key, chunks: [Buffer.from('1\n')] });
      };
      await Promise.all(Array.from({ length: 10 }, worker));
      const listed = await collect(store.list('many/'));
      expect(listed.map(({ key }) => key)).toEqual(keys);
      expect(listed[0]).toMatchObject({ size: 2, lastModified: expect.any(Date) });
      await store.deleteObjects([...keys, 'many/never-there.csv']);
      expect(await collect(store.list('many/'))).toEqual([]);
      expect(await store.headObject('manyother.csv')).toMatchObject({ size: 2 });
    });

    it('rejects with ABORTED when the signal has fired, and does nothing', async () => {
      const signal = AbortSignal.abort();
      const put = store.putObject({ key: 'aborted.csv', chunks: [Buffer.from('x')], signal });
      await expect(put).rejects.toMatchObject({ code: 'ABORTED' });
      await expect(collect(store.list('', signal))).rejects.toMatchObject({ code: 'ABORTED' });
      expect(await store.headObject('aborted.csv')).toBeUndefined();
    });

    it.each([false, true])('G4: holds a staged file, whole (gzip %s)', async (gzip) => {
      const key = `staged/${gzip}.csv`;
      const pool = new PartPool({ bufferBytes: PART_BYTES, capacity: 3 });
      const beforeUpload = async () => {};
      const file = new StagedFile({ key, store, pool, gzip, beforeUpload, maxPartsInFlight: 2 });
      const lines = Array.from(
        { length: 300 },
        (_, i) => `${i},${randomBytes(20_000).toString('hex')}\n`,
      );
      for (const line of lines) {
        file.append(line);
        if (file.blocked) await file.whenWritable();
      }
      const { bytes, stored, parts } = await file.finish();
      const { body, contentEncoding } = await harness.read(key);
      expect(stored).toMatchObject({ size: body.length, crc32: crc32(body) });
      expect(await store.headObject(key)).toMatchObject({ size: body.length, etag: stored.etag });
      const plain = contentEncoding === 'gzip' ? gunzipSync(body) : body;
      expect(plain.length).toBe(bytes);
      expect(plain.toString()).toBe(lines.join(''));
      expect(parts).toBe(Math.ceil(stored.size / PART_BYTES));
      expect(pool.inUse).toBe(0);
      expect(await collect(store.listMultipartUploads(key))).toEqual([]);
    });

    it('G7: an aborted staged file leaves nothing', async () => {
      const key = 'staged/aborted.csv';
      const pool = new PartPool({ bufferBytes: PART_BYTES, capacity: 3 });
      const beforeUpload = async () => {};
      const options = { key, store, pool, gzip: false, beforeUpload, maxPartsInFlight: 2 };
      const file = new StagedFile(options);
      file.append(`${'x'.repeat(3 * PART_BYTES)}\n`);
      // Aborting is only of interest once S3 knows of the upload.
      await expect
        .poll(async () => (await collect(store.listMultipartUploads(key))).length)
        .toBe(1);
      await file.abort();
      expect(await collect(store.listMultipartUploads(key))).toEqual([]);
      expect(await store.headObject(key)).toBeUndefined();
      expect(pool.inUse).toBe(0);
    });
  });
}
