import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readObjectBody } from '../../../src/staging/object-body.ts';
import { s3Error } from '../../../src/staging/s3-errors.ts';

const SILENCE_MS = 40;

interface Reading {
  readonly length: number;
  readonly signal?: AbortSignal;
  readonly onChunk?: () => Promise<unknown>;
}

async function read(body: Readable, { length, signal, onChunk }: Reading): Promise<string> {
  const failed = (error: unknown) =>
    s3Error(error, {
      operation: 'GetObject',
      location: 's3://bucket at http://s3',
      key: 'a.csv',
      secrets: [],
      ...(signal === undefined ? {} : { signal }),
    });
  const chunks: Buffer[] = [];
  for await (const chunk of readObjectBody(body, {
    length,
    signal,
    silenceMs: SILENCE_MS,
    failed,
  })) {
    chunks.push(chunk);
    await onChunk?.();
  }
  return Buffer.concat(chunks).toString();
}

/** Gives its chunks, and then either ends, or stays silent. */
function bodyOf(chunks: readonly string[], end = true): Readable {
  const left = chunks.values();
  return new Readable({
    read() {
      const { value, done } = left.next();
      if (!done) this.push(Buffer.from(value));
      else if (end) this.push(null);
    },
  });
}

it('gives all bytes and leaves the stream destroyed', async () => {
  const body = bodyOf(['ab', 'c']);
  expect(await read(body, { length: 3 })).toBe('abc');
  expect(body.destroyed).toBe(true);
});

it.each([2, 4])(
  'G4: an object of another length than announced is an error (%d)',
  async (length) => {
    await expect(read(bodyOf(['ab', 'c']), { length })).rejects.toMatchObject({
      code: 'S3_UNREACHABLE',
      details: { s3Error: 'ShortBody' },
      message: expect.stringContaining('S3 GetObject of "a.csv"'),
      cause: { message: `the object ended after 3 of ${length} bytes` },
    });
  },
);

it('a server that falls silent midway is an error', async () => {
  const body = bodyOf(['ab'], false);
  await expect(read(body, { length: 3 })).rejects.toMatchObject({
    code: 'S3_UNAVAILABLE',
    details: { s3Error: 'TimeoutError' },
  });
  expect(body.destroyed).toBe(true);
});

it('a reader that takes longer than the server may be silent is none', async () => {
  const onChunk = () => sleep(3 * SILENCE_MS);
  expect(await read(bodyOf(['ab', 'c']), { length: 3, onChunk })).toBe('abc');
});

it('a broken connection is an error of its own name', async () => {
  const body = bodyOf(['ab'], false);
  const onChunk = async () => {
    body.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  };
  await expect(read(body, { length: 3, onChunk })).rejects.toMatchObject({
    code: 'S3_UNREACHABLE',
    details: { s3Error: 'ECONNRESET' },
  });
});

it('the signal ends the wait for bytes', async () => {
  const controller = new AbortController();
  const body = bodyOf(['ab'], false);
  const onChunk = async () => controller.abort();
  await expect(read(body, { length: 3, signal: controller.signal, onChunk })).rejects.toMatchObject(
    { code: 'ABORTED' },
  );
  expect(body.destroyed).toBe(true);
});
