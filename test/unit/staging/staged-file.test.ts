import { crc32, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartPool } from '../../../src/staging/part-pool.ts';
import { StagedFile } from '../../../src/staging/staged-file.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { appendAll, KEY, manyParts, PART_BYTES, startFile, until } from './staged-file-fixture.ts';

// One, two, three and four bytes of UTF-8, so that characters fall across buffers in every way.
const character = fc.constantFrom('a', 'b', ',', '"', 'ä', '€', '😀');
const line = fc
  .oneof(
    fc.string({ unit: character, maxLength: 40 }),
    fc.string({ unit: character, minLength: 300, maxLength: 6000 }),
  )
  .map((text) => `${text}\n`);
const lines = fc.array(line, { minLength: 1, maxLength: 12 });

function stored(store: MemoryObjectStore): Buffer {
  const object = store.objects.get(KEY);
  if (object === undefined) throw new Error('nothing was stored');
  return object.contentEncoding === 'gzip' ? gunzipSync(object.body) : object.body;
}

describe('StagedFile', () => {
  it.each([false, true])('G4: the object is the lines, byte for byte (gzip %s)', async (gzip) => {
    const shapes = fc.record({
      lines,
      capacity: fc.integer({ min: 2, max: 5 }),
      maxPartsInFlight: fc.integer({ min: 1, max: 3 }),
      obeys: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ lines, obeys, ...options }) => {
        const { store, pool, file } = startFile({ ...options, gzip });
        if (obeys) await appendAll(file, lines);
        else for (const text of lines) file.append(text);
        const expected = Buffer.from(lines.join(''), 'utf8');
        const { bytes, stored: kept } = await file.finish();
        expect(stored(store).equals(expected)).toBe(true);
        expect(bytes).toBe(expected.length);
        const object = store.objects.get(KEY);
        const body = object?.body ?? Buffer.of();
        // G2: what the file row keeps is what S3 has.
        expect(kept).toEqual({ size: body.length, etag: object?.etag, crc32: crc32(body) });
        expect(file.records).toBe(lines.length);
        expect(pool.inUse).toBe(0);
        expect(pool.allocatedBytes).toBeLessThanOrEqual(options.capacity * PART_BYTES);
        expect(store.maxPartsInFlight).toBeLessThanOrEqual(options.maxPartsInFlight);
        expect(store.uploads.size).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    [PART_BYTES - 1, 0],
    [PART_BYTES, 0],
    [PART_BYTES + 1, 2],
    [2 * PART_BYTES, 2],
    [2 * PART_BYTES + 1, 3],
  ])('a file of %d bytes takes %d parts; 0 is one PutObject', async (length, parts) => {
    const { store, file } = startFile();
    file.append(`${'x'.repeat(length - 1)}\n`);
    expect(await file.finish()).toMatchObject({ bytes: length, stored: { size: length }, parts });
    const writes = store.calls.filter((call) => call === 'putObject' || call === 'uploadPart');
    expect(writes).toHaveLength(Math.max(parts, 1));
  });

  it('makes one gzip member, and tells S3 so', async () => {
    const { store, file } = startFile({ gzip: true });
    await appendAll(file, manyParts(3));
    await file.finish();
    const object = store.objects.get(KEY);
    expect(object?.contentEncoding).toBe('gzip');
    // Node inflates any number of members; the magic bytes of a second one must not be there.
    expect(object?.body.indexOf(Buffer.from([0x1f, 0x8b, 0x08]), 1)).toBe(-1);
  });

  it('counts records and bytes as it goes', () => {
    const { file } = startFile();
    file.append('1,äö\n');
    file.append('2,b\n');
    expect(file.records).toBe(2);
    expect(file.bytes).toBe(9);
  });

  it('sends no byte before the file is recorded', async () => {
    let record = () => {};
    const recorded = new Promise<void>((resolve) => {
      record = resolve;
    });
    const { store, file } = startFile({ capacity: 100, beforeUpload: () => recorded });
    await appendAll(file, manyParts(1));
    const finished = file.finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.calls).toEqual([]);
    record();
    await finished;
    expect(store.objects.has(KEY)).toBe(true);
  });

  it('G5: is blocked while the pool is empty, and goes on when a part has arrived', async () => {
    const { store, pool, file } = startFile({ capacity: 2, maxPartsInFlight: 1 });
    const held = store.faults.hang('uploadPart');
    file.append(`${'x'.repeat(4096)}\n`);
    await held.reached;
    expect(file.blocked).toBe(true);
    let writable = false;
    const waiting = file.whenWritable().then(() => {
      writable = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(writable).toBe(false);
    expect(pool.inUse).toBe(2);
    held.release();
    await waiting;
    expect(file.blocked).toBe(false);
    await file.finish();
    expect(stored(store).length).toBe(4097);
  });

  it('makes later parts of several buffers', async () => {
    const { store, file } = startFile({ capacity: 6 });
    const text = `${'x'.repeat(PART_BYTES * 960 - 1)}\n`;
    file.append(text);
    // 950 parts of one buffer and five of two.
    expect(await file.finish()).toMatchObject({ parts: 955 });
    expect(stored(store).toString()).toBe(text);
  });

  it('G5: files that share a pool finish, even with no more buffers than files', async () => {
    const store = new MemoryObjectStore({ minPartBytes: PART_BYTES });
    const pool = new PartPool({ bufferBytes: PART_BYTES, capacity: 4 });
    const files = [0, 1, 2, 3].map((n) => {
      const gzip = n % 2 === 1;
      const options = { store, pool, gzip, maxPartsInFlight: 3, beforeUpload: async () => {} };
      return new StagedFile({ key: `f${n}`, maxBuffersPerPart: 1, ...options });
    });
    await Promise.all(
      files.map(async (file) => {
        await appendAll(file, manyParts(5));
        await file.finish();
      }),
    );
    expect(store.objects.size).toBe(4);
    expect(pool.inUse).toBe(0);
  });

  it('stops listening to its signal at the end', async () => {
    const controller = new AbortController();
    const { store, file } = startFile({ signal: controller.signal });
    file.append('1\n');
    await file.finish();
    controller.abort();
    await file.abort();
    await until(() => store.objects.has(KEY));
    expect(store.calls).toEqual(['putObject']);
  });

  it('refuses lines after its end, a second end, and an end without lines', async () => {
    const { file } = startFile();
    file.append('1\n');
    await file.finish();
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    expect(() => file.append('2\n')).toThrowError(internal);
    await expect(file.finish()).rejects.toThrowError(internal);
    const empty = startFile();
    await expect(empty.file.finish()).rejects.toThrowError(internal);
    expect(empty.store.calls).toEqual([]);
  });
});
