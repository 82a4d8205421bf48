// G1 of a resumed load: reading on at any place between two batches gives the very records that are left.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCsv } from '../../../src/input/csv-reader.ts';
import { readNdjson } from '../../../src/input/json-reader.ts';
import { openInput } from '../../../src/input/open-input.ts';
import type { InputPosition, RecordBatch, RecordPlace } from '../../../src/input/record-batch.ts';

type Read = (
  chunks: AsyncIterable<Buffer>,
  start?: InputPosition,
) => AsyncIterable<RecordBatch<RecordPlace>>;

const csv: Read = (chunks, start) =>
  readCsv(chunks, { header: start === undefined, columnCount: 2, start }).records;
const ndjson: Read = (chunks, start) => readNdjson(chunks, { start }).records;

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Every batch, and what reading on after it gives. */
async function expectSameRest(read: Read, bytes: Buffer, size: number): Promise<number> {
  const batches = [];
  for await (const batch of read(cut(bytes, size))) batches.push(batch);
  for (const [i, { end }] of batches.entries()) {
    const left = batches.slice(i + 1).flatMap(({ records }) => records);
    const found = [];
    for await (const { records } of read(cut(bytes.subarray(end.byteOffset), size), end)) {
      found.push(...records);
    }
    expect(found).toEqual(left);
  }
  return batches.length;
}

const field = fc.string({
  unit: fc.constantFrom('a', 'é', '💡', ',', '"', '\n', ' '),
  maxLength: 6,
});
const lineEnd = fc.constantFrom('\n', '\r\n');
const size = fc.integer({ min: 1, max: 12 });

describe('reading on at a stored position (G1)', () => {
  it('of CSV: same records, lines and numbers', async () => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 8 }),
        lineEnd,
        size,
        fc.boolean(),
        async (rows, end, chunk, mark) => {
          const lines = [['id', 'name'], ...rows].map((row) => row.map(quoted).join(',') + end);
          const bytes = Buffer.from((mark ? '\ufeff' : '') + lines.join(''));
          expect(await expectSameRest(csv, bytes, chunk)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of NDJSON, blank lines included; a line like an array in the middle is no document', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { minLength: 1, maxLength: 8 }),
        lineEnd,
        size,
        async (texts, end, chunk) => {
          const lines = texts.map(
            (text, n) => JSON.stringify({ n, text }) + end + (n % 3 === 0 ? end : ''),
          );
          expect(await expectSameRest(ndjson, Buffer.from(lines.join('')), chunk)).toBeGreaterThan(
            0,
          );
        },
      ),
      { numRuns: 60 },
    );
    const start = { byteOffset: 100, line: 5, recordCount: 4 };
    const bad: number[] = [];
    const { records } = readNdjson(cut(Buffer.from('[1]\n{"n":1}\n'), 100), {
      start,
      onBadRecord: ({ line, recordNumber }) => void bad.push(line, recordNumber),
    });
    const batches = [];
    for await (const batch of records) batches.push(batch);
    expect(bad).toEqual([5, 5]);
    expect(batches).toMatchObject([{ records: [{ line: 6, recordNumber: 6 }] }]);
  });
});

describe('a file entered in the middle', () => {
  function fileOf(bytes: Buffer): string {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-input-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'input');
    writeFileSync(file, bytes);
    return file;
  }

  async function read(
    file: string,
    skipBytes: number,
  ): Promise<{ text: string; bytesRead: number }> {
    const input = await openInput(file, { skipBytes });
    let text = '';
    for await (const chunk of input) text += chunk.toString('latin1');
    return { text, bytesRead: input.bytesRead };
  }

  const content = Buffer.from('0123456789'.repeat(30_000));

  it.each([0, 1, 65_536, 299_999, 300_000])('plain or compressed, after %i bytes', async (skip) => {
    const rest = content.toString('latin1', skip);

    const plain = await read(fileOf(content), skip);
    const compressed = await read(fileOf(gzipSync(content)), skip);

    expect(plain.text === rest).toBe(true);
    expect(plain.bytesRead).toBe(300_000);
    expect(compressed.text === rest).toBe(true);
  });

  it.each([
    ['plain', content],
    ['compressed', gzipSync(content)],
  ])('G8: %s, one that is too short is refused', async (_, bytes) => {
    await expect(read(fileOf(bytes), 300_001)).rejects.toMatchObject({ code: 'RESUME_REFUSED' });
  });
});
