// G5: what a load without S3 keeps in memory is given back when its import has committed, and at the latest at its end.

import { describe, expect, it } from 'vitest';
import { HeldFiles } from '../../../src/staging/held-files.ts';
import { PartPool } from '../../../src/staging/part-pool.ts';

const ROW = `${'x'.repeat(99)}\n`;

function filled(held: HeldFiles, pool: PartPool, key: string) {
  const file = held.open(key, pool, new AbortController().signal);
  for (let n = 0; n < 30; n++) file.append(ROW);
  return file;
}

async function bytesOf(held: HeldFiles, key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await held.readObject(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('files in memory', () => {
  it('are there until they are released, each by itself', async () => {
    const held = new HeldFiles();
    const pool = new PartPool({ bufferBytes: 1_000, capacity: 10 });
    for (const key of ['a', 'b']) await filled(held, pool, key).finish();
    held.release('a');
    await expect(held.readObject('a')).rejects.toThrow('not in memory any more');
    expect((await bytesOf(held, 'b')).toString()).toBe(ROW.repeat(30));
    held.release('b');
    expect(pool.inUse).toBe(0);
  });

  it('give everything back at the end of the task, open, finished and overdrawn ones', async () => {
    const held = new HeldFiles();
    const pool = new PartPool({ bufferBytes: 1_000, capacity: 4 });
    await filled(held, pool, 'finished').finish();
    await filled(held, pool, 'overdrawn').finish();
    filled(held, pool, 'open').append(ROW);
    expect([pool.inUse, held.isOverdrawn]).toEqual([4, true]);
    held.close();
    held.close();
    expect([pool.inUse, held.isOverdrawn]).toEqual([0, false]);
    await expect(held.readObject('finished')).rejects.toThrow('not in memory any more');
  });
});
