import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InputSource } from '../../../src/input/input-source.ts';
import { openInput } from '../../../src/input/open-input.ts';
import { failure } from './read-all.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'relyt-input-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(content: string | Buffer): Promise<string> {
  const file = path.join(folder, 'input');
  await writeFile(file, content);
  return file;
}

async function readAll(source: InputSource): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Standard input that gives the bytes in pieces. */
function piped(bytes: Buffer, size: number): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}

async function readPiped(bytes: Buffer, size: number): Promise<string> {
  return readAll(await openInput('-', { stdin: piped(bytes, size) }));
}

const SIZES = [1, 2, 3, 7, 1 << 20];

describe('a file', () => {
  it('is read whole, with its progress, and closed (G7)', async () => {
    const content = 'line é\n'.repeat(50_000);
    const file = await fileOf(content);
    const source = await openInput(file);
    const size = Buffer.byteLength(content);
    expect([source.name, source.totalBytes, source.bytesRead]).toEqual([file, size, 0]);
    expect(await readAll(source)).toBe(content);
    expect(source.bytesRead).toBe(size);
    expectClosed(file);
  });

  it('may be empty or a single byte', async () => {
    for (const content of ['', 'x', '\x1f']) {
      expect(await readAll(await openInput(await fileOf(content)))).toBe(content);
    }
  });

  it('shows its first bytes without losing them', async () => {
    const file = await fileOf('abc');
    const source = await openInput(file);
    expect((await source.peek()).toString()).toBe('abc');
    expect((await source.peek()).toString()).toBe('abc');
    expect(await readAll(source)).toBe('abc');
    expect(await (await openInput(await fileOf(''))).peek()).toHaveLength(0);
  });

  it('can be left at any place without an error (G7)', async () => {
    const file = await fileOf(Buffer.alloc(4 * 1024 * 1024, 'x'));
    for (const chunks of [1, 2, 5, 15]) {
      const source = await openInput(file);
      let left = chunks;
      for await (const _ of source) if (--left === 0) break;
      expect(left).toBe(0);
      await source.close();
    }
  });

  it('is closed when reading ends early, and when it never begins (G7)', async () => {
    for (const content of ['line\n'.repeat(100_000), gzipSync('line\n'.repeat(1_000_000))]) {
      const file = await fileOf(content);
      for await (const chunk of await openInput(file)) if (chunk.length > 0) break;
      expectClosed(file);
      const peeked = await openInput(file);
      await peeked.peek();
      await peeked.close();
      await peeked.close();
      expectClosed(file);
      expect((await failure(readAll(peeked))).code).toBe('ABORTED');
      {
        await using unread = await openInput(file);
        expect(unread.bytesRead).toBe(0);
      }
      expectClosed(file);
    }
  });

  it.each([
    ['missing', 'does not exist'],
    ['input/below', 'does not exist: part of the path is not a directory'],
    ['folder', 'is a directory'],
    ['\0', 'could not be read (ERR_INVALID_ARG_VALUE)'],
  ])('that cannot be read is named: %j', async (name, problem) => {
    await fileOf('');
    await mkdir(path.join(folder, 'folder'));
    const file = path.join(folder, name);
    const error = await failure(openInput(file));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toBe(`The input ${file} ${problem}.`);
  });
});

/** Compares what the process has open with the file. */
function expectClosed(file: string): void {
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor that listed the folder is gone by now.
      return '';
    }
  });
  expect(open).not.toContain(file);
}

describe('gzip', () => {
  const member = gzipSync('hello\n'.repeat(3));
  const other = gzipSync('wörld\n');
  const zeros = Buffer.alloc(100);

  it('is known by its first bytes, in files and on standard input', async () => {
    const big = 'some text, '.repeat(100_000);
    const compressed = gzipSync(big);
    const source = await openInput(await fileOf(compressed));
    expect(await readAll(source)).toBe(big);
    expect([source.bytesRead, source.totalBytes]).toEqual([compressed.length, compressed.length]);
    for (const size of SIZES) expect(await readPiped(member, size)).toBe('hello\n'.repeat(3));
  });

  it('may have several members, an empty one too, and zeros at the end', async () => {
    const bytes = Buffer.concat([member, gzipSync(''), other, zeros]);
    for (const size of SIZES)
      expect(await readPiped(bytes, size)).toBe('hello\nhello\nhello\nwörld\n');
  });

  it('that is cut off anywhere but between members is an error, never a short file (G2)', async () => {
    const bytes = Buffer.concat([member, other]);
    for (let length = 2; length < bytes.length; length++) {
      if (length === member.length) continue;
      for (const size of [1, 5, 1 << 20]) {
        const error = await failure(readPiped(bytes.subarray(0, length), size));
        expect(error.code).toBe('INPUT_MALFORMED');
        expect(error.message).toBe('The gzip data of standard input ends too early.');
      }
    }
  });

  it.each([
    ['garbage', Buffer.concat([member, Buffer.from('garbage')])],
    ['a member behind zeros', Buffer.concat([member, zeros, other])],
    ['garbage behind zeros', Buffer.concat([member, zeros, Buffer.from('x')])],
    ['much behind zeros', Buffer.concat([member, Buffer.alloc(1 << 20), other])],
  ])('that is followed by %s is an error, not ignored (G2)', async (_, bytes) => {
    for (const size of bytes.length > 1000 ? [1000, 1 << 21] : SIZES) {
      const error = await failure(readPiped(bytes, size));
      expect(error.code).toBe('INPUT_MALFORMED');
    }
  });

  it('with a wrong checksum is an error', async () => {
    const bytes = Buffer.from(member);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 6) ^ 1, bytes.length - 6);
    const error = await failure(readAll(await openInput(await fileOf(bytes))));
    expect(error.message).toContain('is damaged (incorrect data check)');
  });
});

describe('an abort signal', () => {
  it.each([
    ['plain', Buffer.from('some text')],
    ['gzip', gzipSync(Buffer.from('some text'))],
  ])('ends a read that waits: %s', async (_, bytes) => {
    const stdin = new PassThrough();
    stdin.write(bytes);
    const controller = new AbortController();
    const source = await openInput('-', { stdin, signal: controller.signal });
    const read = readAll(source);
    while (source.bytesRead < bytes.length) await new Promise(setImmediate);
    const reason = new Error('enough');
    controller.abort(reason);
    const error = await failure(read);
    expect(error.code).toBe('ABORTED');
    expect(error.message).toBe('Reading standard input was aborted.');
    expect(stdin.destroyed).toBe(true);
  });

  it('that came before the reading closes the file as well (G7)', async () => {
    const file = await fileOf('text');
    const source = await openInput(file, { signal: AbortSignal.abort() });
    expect((await failure(readAll(source))).code).toBe('ABORTED');
    expectClosed(file);
  });
});

it('passes an error of standard input on', async () => {
  for (const begin of [Buffer.from('abc'), gzipSync('abc').subarray(0, 12)]) {
    const cause = Object.assign(new Error('i/o'), { code: 'EIO' });
    async function* broken(): AsyncGenerator<Buffer> {
      yield begin;
      throw cause;
    }
    const source = await openInput('-', { stdin: Readable.from(broken(), { objectMode: false }) });
    const error = await failure(readAll(source));
    expect(error.message).toBe('The input standard input could not be read (EIO).');
    expect(error.cause).toBe(cause);
  }
});
