// G2: what the loader sees of the objects before and after a database reads them, folders of segments included.

import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CSV } from '../../../src/core/layout.ts';
import type { ImportFile } from '../../../src/importing/import-file.ts';
import { inspectObjects } from '../../../src/importing/object-inspection.ts';
import { MemoryObjectStore, s3Fault } from '../../support/memory-object-store.ts';

const { signal } = new AbortController();

async function staged(store: MemoryObjectStore, folder?: string): Promise<ImportFile[]> {
  const bodies = ['1,a\n2,b\n', '3,c\n4,d\n'].map((text) => Buffer.from(text));
  return Promise.all(
    bodies.map(async (body, n) => {
      const key = `p/day/task/${folder === undefined ? '' : `${folder}/`}file-${n + 1}.csv`;
      const etag = await store.putObject({ key, chunks: [body] });
      const stored = { size: body.length, etag, crc32: crc32(body) };
      const file = { fileId: n + 1, lane: 0, epoch: 1, layout: CSV, key, records: 2, stored };
      return folder === undefined ? file : { ...file, folder };
    }),
  );
}

const put = (store: MemoryObjectStore, key: string, text: string) =>
  store.putObject({ key, chunks: [Buffer.from(text)] });

describe.each([undefined, 'g1'])('inspectObjects (folder %s)', (folder) => {
  it('finds nothing wrong with what was staged, read to its end or not', async () => {
    const store = new MemoryObjectStore();
    const files = await staged(store, folder);
    expect(await inspectObjects(store, files, { signal })).toBeUndefined();
    expect(await inspectObjects(store, files, { signal, whole: true })).toBeUndefined();
  });

  it.each([
    [
      'replaced by one of its size',
      (store: MemoryObjectStore, key: string) => put(store, key, '3,c\n4,x\n'),
    ],
    ['made longer', (store: MemoryObjectStore, key: string) => put(store, key, '3,c\n4,d\n5,e\n')],
  ])('names the one that was %s', async (_, change) => {
    const store = new MemoryObjectStore();
    const files = await staged(store, folder);
    const key = files[1]?.key ?? '';
    await change(store, key);
    const wrong = await inspectObjects(store, files, { signal });
    expect(wrong).toMatchObject({ code: 'STAGED_FILE_CHANGED' });
    expect(wrong?.message).toContain(key);
  });

  it('names the one that is gone', async () => {
    const store = new MemoryObjectStore();
    const files = await staged(store, folder);
    await store.deleteObject(files[1]?.key ?? '');
    const wrong = await inspectObjects(store, files, { signal });
    expect(wrong).toMatchObject({ code: 'STAGED_FILE_LOST' });
    expect(wrong?.message).toContain(files[1]?.key);
  });

  it('sees other bytes under the same ETag only when it reads them', async () => {
    const store = new MemoryObjectStore();
    const files = await staged(store, folder);
    const key = files[1]?.key ?? '';
    const object = store.objects.get(key);
    if (object === undefined) throw new Error('nothing was staged');
    store.objects.set(key, { ...object, body: Buffer.from('3,c\n4,e\n') });
    expect(await inspectObjects(store, files, { signal })).toBeUndefined();
    const wrong = await inspectObjects(store, files, { signal, whole: true });
    expect(wrong).toMatchObject({ code: 'STAGED_FILE_CHANGED' });
    expect(wrong?.message).toContain(key);
  });

  it('does not take silence of S3 for an answer', async () => {
    const store = new MemoryObjectStore();
    const files = await staged(store, folder);
    const operation = folder === undefined ? 'headObject' : 'list';
    store.faults.fail(operation, s3Fault('S3_UNAVAILABLE', 'SlowDown'));
    await expect(inspectObjects(store, files, { signal })).rejects.toMatchObject({
      code: 'S3_UNAVAILABLE',
    });
  });

  it('asks nothing about files of which nothing is known', async () => {
    const store = new MemoryObjectStore();
    const files = (await staged(store, folder)).map(({ stored: _, ...file }) => file);
    store.objects.clear();
    const asked = store.calls.length;
    expect(await inspectObjects(store, files, { signal, whole: true })).toBeUndefined();
    expect(store.calls).toHaveLength(asked);
  });
});

it('nothing else may stand in the folder that segments read', async () => {
  const store = new MemoryObjectStore();
  const files = await staged(store, 'g1');
  await put(store, 'p/day/task/g1/planted.csv', '9,z\n');
  // The next folder is another import's.
  await put(store, 'p/day/task/g10/file-9.csv', '9,z\n');
  const wrong = await inspectObjects(store, files, { signal });
  expect(wrong).toMatchObject({ code: 'STAGED_FILE_CHANGED' });
  expect(wrong?.message).toContain('planted.csv');
});
