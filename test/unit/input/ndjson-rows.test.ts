// What is read from the bytes of a chunk at once, and what goes through framer and scanner, are the same records.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNdjson } from '../../../src/input/json-reader.ts';
import { JsonScanner } from '../../../src/input/json-scanner.ts';
import { keptFields } from '../../../src/records/field-row.ts';
import { everyRow } from './every-row.ts';
import { jsonLine, jsonLines } from './json-lines.ts';
import { chunksOf } from './read-all.ts';

const JSON_COLUMNS = new Set(['j']);

/** The sizes of chunks decide how records are read. */
const everything = (text: string, sizes: readonly number[], maxRecordBytes?: number) =>
  everyRow((onBadRecord) => {
    const options = { jsonColumns: JSON_COLUMNS, onBadRecord, maxRecordBytes };
    return readNdjson(chunksOf(text, sizes), options).rows;
  });

/** Cut into bytes no line is in one chunk, so each is parsed. */
const BYTES = [1];

async function expectSame(text: string, sizes: readonly number[]): Promise<number> {
  const parsed = await everything(text, BYTES);
  expect(parsed.skimmed).toBe(0);
  const skimmed = await everything(text, sizes);
  expect(skimmed.found).toEqual(parsed.found);
  for (const [count, end] of skimmed.ends) expect(parsed.ends.get(count)).toEqual(end);
  return skimmed.skimmed;
}

const lineEnd = fc.constantFrom('\n', '\r\n');
const mark = fc.constantFrom('', '\uFEFF');
/** Most keys are known from the first line on, or learned as they come. */
const KNOWN = '{"a":1,"b":2,"é":3,"ab":4,"j":5}';
const start = fc.constantFrom<readonly string[]>([], [KNOWN], [KNOWN]);

describe('records of an NDJSON file', () => {
  it('are the same from bytes as from JSON, with their lines, places and faults (G2, G4)', async () => {
    let skimmed = 0;
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        start,
        jsonLines,
        lineEnd,
        mark,
        sizes,
        async (first, lines, end, bom, cut) => {
          skimmed += await expectSame(bom + [...first, ...lines].join(end), cut);
        },
      ),
      { numRuns: 800 },
    );
    expect(skimmed).toBeGreaterThan(600);
  });

  it('are the same wherever a chunk ends (G2, G4)', async () => {
    const text =
      '{"a":1}\r\n{"a":"é","j":"x"}\n\n{"b":[1],"a":"\\n"}\n{"a":}\n{"a":true,"b":null}\n{"b":-0.5e3}';
    for (let size = 1; size <= Buffer.byteLength(text); size += 1) await expectSame(text, [size]);
  });

  it('are the same when a line has something broken in any place (G2)', async () => {
    await fc.assert(
      fc.asyncProperty(jsonLine, fc.nat(), fc.constantFrom(...'"\\,:{}[]0-e. \0'), lineBroken),
      { numRuns: 1000 },
    );
    async function lineBroken(line: string, place: number, piece: string) {
      const at = place % (line.length + 1);
      for (const rest of [line.slice(at), line.slice(at + 1)])
        await expectSame(`{"a":1,"b":2,"j":3}\n${line.slice(0, at)}${piece}${rest}\n`, []);
    }
  });

  it('are longer than maxRecordBytes only where they go on past a chunk (G5)', async () => {
    const text = `{"a":1}\n{"a":"${'x'.repeat(100)}"}\n{"a":"${'y'.repeat(100)}`;
    const { found } = await everything(text, [130, 1000], 50);
    expect(found).toHaveLength(3);
    expect(found[2]).toContain('The record that begins in line 3 is longer than 50 bytes.');
  });

  it('share one object, whatever stands between them', async () => {
    const line = (n: number) =>
      `{"id":${n},"name":"n${n}","ok":true,"tags":["a"],"j":{"k":[${n}]},"text":"\\u00e9"}\n`;
    const sparse = (n: number) => `{"name": "é", "id": ${n}}\n`;
    const hundred = (make: (n: number) => string) => Array.from({ length: 100 }, (_, n) => make(n));
    const text = `${hundred(line).join('')}[1]\n\n${hundred(sparse).join('')}{"new":1}\n${sparse(7)}`;
    const { rows } = readNdjson(chunksOf(text), {
      jsonColumns: JSON_COLUMNS,
      onBadRecord: () => {},
    });
    const objects = new Map<object, number>();
    for await (const { records } of rows)
      for (const row of records) objects.set(row, (objects.get(row) ?? 0) + 1);
    // The first record of all and the one with another key are parsed; the malformed line ends a batch.
    expect([...objects.values()]).toEqual([1, 99, 101, 1]);
  });

  it('are the same, and read from bytes again, after many that are unusual (G2, G4)', async () => {
    const lines = (line: string, count: number) => `${line}\n`.repeat(count);
    const unusual = lines('{"\\u0061":1}', 50) + lines('{"a":"é"', 30) + lines('', 20);
    const text = lines('{"a":"é"}', 3) + unusual + lines('{"a":2}', 100);
    expect(await expectSame(text, [])).toBeGreaterThan(60);
    for (const size of [50, 333, 700]) await expectSame(text, [size]);
  });

  it('need no object for keys of later records either, from the next chunk on', async () => {
    const texts = ['{"a":1}\n{"b":2}\n{"a":1}\n', '{"b":1,"a":2}\n{"b":3}\n', '{"\\u0062":1}\n'];
    const sizes = texts.map((text) => text.length);
    const { found, skimmed } = await everything(texts.join(''), sizes);
    expect(skimmed).toBe(3);
    expect(found).toHaveLength(6);
  });

  it('can be passed over, those that are rows and those that are parsed', async () => {
    const text = '{"n":"a"}\n{"n":"b"}\n{"m":0,"n":"c"}\n{"n":"d"}\n\n{"n":"e"}\n{"n":"f"}\n';
    for (let skip = 0; skip <= 7; skip += 1) {
      const left = [];
      for await (const { records } of readNdjson(chunksOf(text)).rows) {
        const rest = records.after(skip);
        expect(rest.length).toBe(rest.lines.length);
        for (const row of rest) left.push(keptFields(row));
      }
      expect(left.map((record) => (record as { n: string }).n)).toEqual([...'abcdef'].slice(skip));
    }
  });

  it('may have more keys than are found by their bytes', async () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 1700 }, (_, n) => [n, n])));
    expect(await expectSame(`${many}\n${many}\n{"7":1}\n`, [])).toBe(1);
  });

  it.each(['__proto__', 'constructor', 'toString', 'a"b', '\\', '\ud800', 'é\u0001'])(
    'may have the key %j',
    async (key) => {
      const line = `{${JSON.stringify(key)}:1,"a\uFFFD":2}`;
      const text = `${line}\n${line}\n`;
      await expectSame(text, []);
      const { found } = await everything(text, []);
      const record = new JsonScanner(new Set()).readRecord(line);
      expect(found).toMatchObject([1, 2].map((n) => ({ json: JSON.stringify(record), line: n })));
    },
  );
});
