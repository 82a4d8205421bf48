// G4: the elements of one JSON array are records like the lines of NDJSON, every digit kept.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NdjsonOptions, readJsonArray } from '../../../src/input/json-reader.ts';
import { chunksOf, failure, ndjsonRecords } from './read-all.ts';

async function recordsOf(text: string, options: NdjsonOptions = {}, sizes: readonly number[] = []) {
  const found = [];
  for await (const { records } of readJsonArray(chunksOf(text, sizes), options).records)
    found.push(...records);
  return found;
}

const bare = (records: readonly { readonly record: object }[]) =>
  records.map(({ record }) => record);

describe('a JSON array', () => {
  test('keeps every digit', async () => {
    const found = await recordsOf('[{"id": 9007199254740993}]');
    expect(bare(found)).toEqual([{ id: '9007199254740993' }]);
  });

  test.each(['', '[]', ' [ \n ] \n'])('may be empty: %j', async (text) => {
    expect(await recordsOf(text)).toEqual([]);
  });

  test('has lines', async () => {
    const found = await recordsOf('[\n{"a":1},{"a":\n2}\n,\n\n{"a":"[{\\"]"}\n]\n', {}, [1]);
    expect(found.map(({ line, recordNumber }) => [line, recordNumber])).toEqual([
      [2, 1],
      [2, 2],
      [6, 3],
    ]);
  });

  test('has the records that NDJSON of them has, however it is spread and cut', async () => {
    const key = fc.constantFrom('a', 'b', '"', '\\', '[', '}', 'é');
    const value = fc.jsonValue({ maxDepth: 2 });
    const blank = fc.constantFrom('', ' ', '\n', '\r\n\t');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(key, value, { minKeys: 1 }), { maxLength: 6 }),
        blank,
        fc.integer({ min: 1, max: 9 }),
        async (objects, space, size) => {
          const texts = objects.map((each) => JSON.stringify(each));
          const array = `[${space}${texts.join(`${space},${space}`)}${space}]${space}`;
          const expected = await ndjsonRecords(texts.join('\n'));
          expect(bare(await recordsOf(array, {}, [size]))).toEqual(bare(expected));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('G1: reading on after any batch gives what is left', async () => {
    const text = `[${Array.from({ length: 20 }, (_, n) => `{"n":${n},"t":"é\\"]"}`).join('\n, ')}]`;
    const batches = [];
    for await (const batch of readJsonArray(chunksOf(text, [7])).records) batches.push(batch);
    expect(batches.length).toBeGreaterThan(5);
    for (const [i, { end }] of batches.entries()) {
      const left = batches.slice(i + 1).flatMap(({ records }) => records);
      const rest = Buffer.from(text).subarray(end.byteOffset);
      const found = [];
      for await (const { records } of readJsonArray(chunksOf(rest, [5]), { start: end }).records)
        found.push(...records);
      expect(found).toEqual(left);
    }
  });
});

describe('what is no array of objects', () => {
  test.each([
    ['{"a":1}', 'Line 1: the JSON array does not begin with [.'],
    ['[{"a":1}\n', 'The JSON array ends in line 2 without its ].'],
    ['[{"a":"1]', 'The JSON array ends in line 1 without its ].'],
    ['[{"a":1}]\n[', 'Line 2: other data follow the JSON array.'],
    ['[{"a":1}}]', 'Near line 1: a } closes no object.'],
  ])('%j is refused', async (text, message) => {
    for (const sizes of [[], [1], [2]]) {
      const error = await failure(recordsOf(text, { onBadRecord: () => {} }, sizes));
      expect([error.code, error.message]).toEqual(['INPUT_MALFORMED', message]);
    }
  });

  test('one element that is no object is a bad record among the others (G2)', async () => {
    const bad: string[] = [];
    const onBadRecord = ({ text }: { readonly text: string }) => void bad.push(text);
    const found = await recordsOf('[{"a":1}, 7, [1], {"a":2,}, {"a" 3}, {"a":4},]', {
      onBadRecord,
    });
    expect(bare(found)).toEqual([{ a: '1' }, { a: '4' }]);
    expect(bad).toEqual(['7', '[1]', '{"a":2,}', '{"a" 3}', '']);
  });

  test('a record that never ends is not held (G5)', async () => {
    const error = await failure(
      recordsOf(`[{"a":"${'x'.repeat(200)}`, { maxRecordBytes: 100 }, [50]),
    );
    expect(error.message).toContain('longer than 100 bytes');
  });
});
