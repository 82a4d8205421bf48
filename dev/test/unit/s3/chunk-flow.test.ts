import { PassThrough, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eachChunk } from '../../../src/s3/chunk-flow.ts';

const LETTERS = [...'abcdef'].map((letter) => Buffer.from(letter));

describe('eachChunk', () => {
  it('hands over every chunk in order, never two at a time', async () => {
    let taken = '';
    let underWay = 0;
    await eachChunk(Readable.from(LETTERS), async (chunk) => {
      underWay += 1;
      expect(underWay).toBe(1);
      await setImmediate();
      taken += chunk.toString();
      underWay -= 1;
    });
    expect(taken).toBe('abcdef');
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('full'))],
    [
      'fails later',
      async () => {
        await setImmediate();
        throw new Error('full');
      },
    ],
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
  ])('leaves the stream open when the taker %s', async (_, take) => {
    const source = new PassThrough();
    source.write('a');
    await expect(eachChunk(source, take)).rejects.toThrow('full');
    expect(source).toMatchObject({ destroyed: false, readableFlowing: false });
    expect(source.listenerCount('data')).toBe(0);
    source.destroy();
  });

  it('rejects when the stream breaks, before or while it is read', async () => {
    const broken = new PassThrough();
    broken.on('error', () => undefined).destroy(new Error('gone'));
    await expect(eachChunk(broken, () => undefined)).rejects.toThrow('gone');
    const cut = new PassThrough();
    cut.write('a');
    await expect(eachChunk(cut, () => void cut.destroy())).rejects.toThrow(/premature/i);
  });
});
