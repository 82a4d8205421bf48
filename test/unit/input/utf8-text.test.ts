import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteOffsetAt, decodeUtf8, type TextChunk } from '../../../src/input/utf8-text.ts';
import { chunksOf } from './read-all.ts';

async function decodeAll(bytes: Buffer, sizes: readonly number[]): Promise<TextChunk[]> {
  const chunks: TextChunk[] = [];
  for await (const chunk of decodeUtf8(chunksOf(bytes, sizes))) chunks.push(chunk);
  return chunks;
}

const joined = (chunks: readonly TextChunk[]) => chunks.map((chunk) => chunk.text).join('');
const anySizes = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 });

describe('valid text', () => {
  it('is the same however it is cut, and every place is known in bytes', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'aé€😀\r\n\uFFFD') });
    await fc.assert(
      fc.asyncProperty(text, anySizes, async (value, sizes) => {
        const chunks = await decodeAll(Buffer.from(value), sizes);
        expect(joined(chunks)).toBe(value);
        let before = 0;
        for (const chunk of chunks) {
          expect(chunk.invalid).toBeUndefined();
          expect(byteOffsetAt(chunk, 0)).toBe(before);
          before = byteOffsetAt(chunk, chunk.text.length);
        }
        const ends = chunks.map((chunk, i) => `${chunk.text.at(-1)}${chunks[i + 1]?.text[0]}`);
        expect(ends).not.toContain('\r\n');
        expect(before).toBe(Buffer.byteLength(value));
      }),
    );
  });

  it('loses a byte order mark at the start, and only there', async () => {
    for (const sizes of [[], [1], [2]]) {
      const chunks = await decodeAll(Buffer.from('\uFEFFa\uFEFF'), sizes);
      expect(joined(chunks)).toBe('a\uFEFF');
      expect(byteOffsetAt(chunks[0] as TextChunk, 0)).toBe(3);
    }
  });

  it('loses it before text that is not UTF-8 further on', async () => {
    const bytes = Buffer.concat([Buffer.from('\uFEFFid\n1\n'), Buffer.from([0xff, 0x0a])]);
    const [chunk] = await decodeAll(bytes, []);
    expect(chunk?.text).toBe('id\n1\n');
    expect(byteOffsetAt(chunk as TextChunk, 0)).toBe(3);
    expect(chunk?.invalid).toMatch(/UTF-8/);
  });
});

describe('invalid text', () => {
  const brokenBytes = [
    [0xff],
    [0xc3],
    [0xc3, 0x28],
    [0xa9],
    [0xc0, 0xaf],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98],
    [0xf4, 0x90, 0x80, 0x80],
  ];

  it.each(brokenBytes.map((bytes) => [Buffer.from(bytes)]))(
    'ends with the whole lines before %j, never with U+FFFD (G4)',
    async (broken) => {
      for (const [before, after] of [
        ['é\n1\n', ',x\ny\n'],
        ['é\r1\r', ''],
        ['', '\n'],
      ] as const) {
        const bytes = Buffer.concat([Buffer.from(before), broken, Buffer.from(after)]);
        for (const sizes of [[], [1], [2], [3]]) {
          const chunks = await decodeAll(bytes, sizes);
          expect(chunks.at(-1)?.invalid).toContain('UTF-8');
          expect(chunks.slice(0, -1).some((chunk) => chunk.invalid !== undefined)).toBe(false);
          expect(joined(chunks)).toBe(before);
        }
      }
    },
  );

  it.each([
    ['\uFEFFa,b\n', 'utf16le'],
    ['a,b\n', 'utf16le'],
  ] as const)('is known as UTF-16: %j', async (text, encoding) => {
    const little = Buffer.from(text, encoding);
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      for (const sizes of [[], [1], [2]]) {
        const chunks = await decodeAll(bytes, sizes);
        expect(chunks.at(-1)?.invalid).toContain('UTF-16');
      }
    }
  });
});
