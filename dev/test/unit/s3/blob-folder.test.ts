import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BlobFolder } from '../../../src/s3/blob-folder.ts';

it('a blob holds all pieces in order, also those written before there was room', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'relyt-blobs-'));
  try {
    const writer = await (await BlobFolder.open(folder)).create();
    const bytes = randomBytes(3_000_000);
    const rooms: Promise<void>[] = [];
    for (let at = 0, n = 0; at < bytes.length; at += n) {
      n = 1 + ((at * 7919) % 150_000);
      const room = writer.write(bytes.subarray(at, at + n));
      if (room) rooms.push(room);
    }
    await Promise.all(rooms);
    const blob = await writer.finish();
    expect(blob.size).toBe(bytes.length);
    expect((await readFile(join(folder, blob.name))).equals(bytes)).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
