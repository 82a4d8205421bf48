import { describe, expect, it } from 'vitest';
import { type Part, PartFiller } from '../../../src/staging/part-filler.ts';
import { PartPool } from '../../../src/staging/part-pool.ts';

function startFilling(capacity: number) {
  const pool = new PartPool({ bufferBytes: 8, capacity });
  const controller = new AbortController();
  const parts: Part[] = [];
  const onPart = (part: Part) => {
    parts.push(part);
  };
  const { signal } = controller;
  const filler = new PartFiller({ pool, maxBuffersPerPart: 2, onPart, signal });
  return { pool, controller, parts, filler };
}

describe('PartFiller', () => {
  it('hands a part on only when more follows, so that the last part is never empty', () => {
    const { parts, filler } = startFilling(2);
    filler.writeText('12345678');
    expect(parts).toEqual([]);
    filler.writeText('9');
    expect(parts.map(({ bytes }) => bytes)).toEqual([8]);
    expect(filler.takeRest()?.bytes).toBe(1);
    expect(filler.takeRest()).toBeUndefined();
  });

  it('splits a character at the end of a buffer: parts have the size S3 wants to the byte', () => {
    const { parts, filler } = startFilling(2);
    filler.writeText('1234567€');
    const [first] = parts;
    expect(first?.buffers[0]?.subarray(7).toString('hex')).toBe('e2');
    expect(filler.takeRest()).toMatchObject({ bytes: 2 });
  });

  it('keeps what has no room until a buffer comes, in order', async () => {
    const { pool, parts, filler } = startFilling(1);
    filler.writeText('1234567890');
    filler.writeText('ab');
    expect(filler.blocked).toBe(true);
    expect(filler.bytes).toBe(12);
    const [buffer] = parts[0]?.buffers ?? [];
    if (buffer === undefined) throw new Error('no part was handed on');
    pool.release(buffer);
    await filler.settled();
    expect(filler.blocked).toBe(false);
    const rest = filler.takeRest();
    expect(rest?.buffers[0]?.toString('utf8', 0, rest.bytes)).toBe('90ab');
  });

  it('G5: gives a buffer back that came just before it was discarded', async () => {
    const { pool, controller, parts, filler } = startFilling(1);
    filler.writeText('1234567890');
    const [buffer] = parts[0]?.buffers ?? [];
    if (buffer === undefined) throw new Error('no part was handed on');
    pool.release(buffer);
    controller.abort();
    filler.discard();
    await filler.settled();
    expect(pool.inUse).toBe(0);
  });

  it('G5: takes no buffer once it was discarded', async () => {
    const { pool, controller, filler } = startFilling(2);
    filler.writeText('123');
    controller.abort();
    filler.discard();
    filler.writeText('456');
    filler.writeBytes(Buffer.from('789'));
    await filler.settled();
    expect(pool.inUse).toBe(0);
  });
});
