// G2, G8: other encodings and compressions are read exactly, and files that hold no text are named for what they are.

import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openInput } from '../../../src/input/open-input.ts';
import { failure } from './read-all.ts';

async function readInput(bytes: Buffer, encoding?: string, size = 3): Promise<string> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  await using input = await openInput('-', { stdin: Readable.from(pieces), encoding });
  let text = '';
  for await (const chunk of input) text += chunk.toString();
  return text;
}

describe('an encoding', () => {
  test.each([
    ['LATIN1', Buffer.from('é\x80ÿ', 'latin1'), 'é\x80ÿ'],
    ['WIN1252', Buffer.from([0xe9, 0x80]), 'é€'],
    ['windows-1251', Buffer.from([0xc0, 0x41]), 'АA'],
    ['KOI8R', Buffer.from([0xe1]), 'А'],
    ['SJIS', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
    ['EUC_JP', Buffer.from([0xc6, 0xfc]), '日'],
    ['gb18030', Buffer.from([0xc4, 0xe3]), '你'],
    ['utf-16le', Buffer.from('\ufeffa,é\n😀', 'utf16le'), 'a,é\n😀'],
    ['UTF8', Buffer.from('é'), 'é'],
  ])('%s', async (encoding, bytes, text) => {
    for (const size of [1, 2, 3, 1000]) expect(await readInput(bytes, encoding, size)).toBe(text);
  });

  test('that is not known is refused', async () => {
    const { code, message } = await failure(readInput(Buffer.from('a'), 'klingon'));
    expect([code, message]).toEqual(['CONFIG_INVALID', 'The encoding "klingon" is not known.']);
  });

  test.each([
    ['SJIS', Buffer.from('a\nb\n\x81')],
    ['utf-16le', Buffer.from('a\0\n\0b', 'latin1')],
  ])('whose bytes are others is refused: %s', async (encoding, bytes) => {
    const { code, message } = await failure(readInput(bytes, encoding, 1));
    expect(code).toBe('INPUT_MALFORMED');
    expect(message).toContain(`is not in the encoding ${encoding}`);
  });
});

const compress = (zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync;

describe.skipIf(compress === undefined)('zstd', () => {
  const content = Buffer.from(
    Array.from({ length: 20_000 }, (_, i) => `${i},${i * 7919}\n`).join(''),
  );
  const frame = compress?.(content) ?? Buffer.alloc(0);
  const skippable = Buffer.from('\x50\x2a\x4d\x18\x04\0\0\0abcd', 'latin1');

  test.each([
    ['a frame', frame, 1],
    ['frames one after the other', Buffer.concat([frame, frame, frame]), 3],
    ['a frame that decoders pass over', Buffer.concat([skippable, frame, skippable]), 1],
    ['an empty frame', compress?.(Buffer.alloc(0)) ?? Buffer.alloc(0), 0],
  ])('reads %s whole, however it is cut (G2)', async (_case, bytes, times) => {
    for (const size of [997, 4096, 1 << 24])
      expect((await readInput(bytes, undefined, size)) === content.toString().repeat(times)).toBe(
        true,
      );
  });

  test.each([
    ['cut off', frame.subarray(0, -5), 'ends too early'],
    [
      'cut off in the second frame',
      Buffer.concat([frame, frame.subarray(0, 100)]),
      'ends too early',
    ],
    ['followed by other data', Buffer.concat([frame, Buffer.from('more')]), 'is damaged'],
  ])('refuses data that are %s (G2)', async (_case, bytes, problem) => {
    for (const size of [997, 1 << 24]) {
      const { code, message } = await failure(readInput(bytes, undefined, size));
      expect(code).toBe('INPUT_MALFORMED');
      expect(message).toContain(problem);
    }
  });
});

test.skipIf(compress !== undefined)('zstd is named where the runtime cannot read it', async () => {
  const { code, hint } = await failure(readInput(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0])));
  expect(code).toBe('CONFIG_INVALID');
  expect(hint).toContain('zstdcat');
});

describe('a file that holds no text', () => {
  const latin1 = (text: string) => Buffer.from(text.padEnd(40, '\0'), 'latin1');
  const tar = Buffer.alloc(512);
  tar.write('people.csv', 0);
  tar.write('ustar', 257);

  test.each([
    ['a zip archive', latin1('PK\x03\x04\x14\0'), 'unzip -p'],
    ['an Excel workbook', latin1(`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`), 'CSV UTF-8'],
    ['a bzip2 file', latin1('BZh91AY&SY'), 'bzcat'],
    ['an xz file', latin1('\xfd7zXZ\0'), 'xzcat'],
    ['an lz4 file', latin1('\x04\x22\x4d\x18'), 'lz4cat'],
    ['a 7-Zip archive', latin1('7z\xbc\xaf\x27\x1c'), '7z e'],
    ['a tar archive', tar, 'tar -xOf'],
    ['an Avro file', latin1('Obj\x01'), 'CSV'],
    ['an ORC file', latin1('ORC\x08'), 'CSV'],
    ['binary COPY data', latin1('PGCOPY\n\xff\r\n\0'), 'COPY'],
    ['a custom-format dump', latin1('PGDMP\x01'), 'pg_restore'],
    ['a PDF document', Buffer.from('%PDF-1.7\n'), 'CSV'],
    ['a binary file', latin1('abc\0\xff\xfe\x80'), 'gzip or zstd'],
  ])('is named: %s', async (name, bytes, advice) => {
    for (const input of [bytes, zlib.gzipSync(bytes)]) {
      const { code, message, hint } = await failure(readInput(input, undefined, 1 << 20));
      expect([code, message.includes(name)]).toEqual(['INPUT_MALFORMED', true]);
      expect(hint).toContain(advice);
    }
  });

  test.each(['ORC,BZh\n1,2\n', 'PK,PAR1\n', `${'x'.repeat(257)}ustar\n`, 'BZh\n', 'PGDMP\n'])(
    'is not taken for one that only begins like it: %j',
    async (text) => {
      expect(await readInput(Buffer.from(text))).toBe(text);
    },
  );
});
