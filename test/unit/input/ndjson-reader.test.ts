import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNdjson } from '../../../src/input/json-reader.ts';
import type { BadRecord } from '../../../src/input/record-batch.ts';
import { chunksOf, failure, ndjsonRecords } from './read-all.ts';

const plain = async (text: string | Buffer, sizes: readonly number[] = []) =>
  (await ndjsonRecords(text, {}, sizes)).map(({ record, ...place }) => ({ ...place, ...record }));

describe('lines', () => {
  it('end with LF or CRLF, blank ones are passed over but counted', async () => {
    const text = '\uFEFF\n{"a":1}\r\n \t\r\n\n{"a":"é😀"}';
    for (let size = 1; size <= Buffer.byteLength(text); size++) {
      expect(await plain(text, [size])).toEqual([
        { line: 2, recordNumber: 1, a: '1' },
        { line: 5, recordNumber: 2, a: 'é😀' },
      ]);
    }
  });

  it('may be none at all', async () => {
    expect(await plain('')).toEqual([]);
    expect(await plain('\n \n')).toEqual([]);
  });

  it('come out the same however the bytes are cut', async () => {
    const rows = fc.array(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rows, sizes, async (values, cut) => {
        const text = values.map((value) => JSON.stringify(value)).join('\n');
        const records = await ndjsonRecords(text, {}, cut);
        expect(records.map((each) => JSON.stringify(each.record))).toEqual(
          values.map((value) => JSON.stringify(value)),
        );
      }),
    );
  });
});

describe('malformed lines', () => {
  const text = '{"a":1}\n{"a":}\n\n[2]\n{"a":3}\n';

  it('are reported between their neighbours, in order (G2)', async () => {
    const log: unknown[] = [];
    const onBadRecord = (bad: BadRecord) => {
      log.push([bad.recordNumber, bad.line, bad.text, bad.error.message]);
    };
    for await (const batch of readNdjson(chunksOf(text), { onBadRecord }).records) {
      log.push(batch.records.map((record) => record.recordNumber));
    }
    expect(log).toEqual([
      [1],
      [2, 2, '{"a":}', 'Line 2 (record 2), character 6: expected a JSON value, got "}".'],
      [3, 4, '[2]', 'Line 4 (record 3), character 1: expected a JSON object, got "[".'],
      [4],
    ]);
  });

  it('end the reading unless the caller decides to go on', async () => {
    const error = await failure(ndjsonRecords(text));
    expect(error.code).toBe('INPUT_MALFORMED');
    expect(error.details).toEqual({ line: 2 });
  });
});

describe('fatal faults', () => {
  const onBadRecord = () => {};

  it.each([
    ['[{"a":1},\n{"a":2}]', 1, 'a JSON array'],
    ['\n [\n{"a":1}\n]\n', 2, 'a JSON array'],
    ['{\n  "a": 1\n}\n', 1, 'a JSON object over several lines'],
  ])('are documents of another form: %j', async (text, line, got) => {
    const error = await failure(ndjsonRecords(text, { onBadRecord }));
    expect(error.details).toMatchObject({ line, got });
    expect(error.hint).toContain('with the format json');
  });

  it('are bytes that are not UTF-8', async () => {
    const text = Buffer.concat([
      Buffer.from('{"a":1}\n{"a":"'),
      Buffer.from([0xe9]),
      Buffer.from('"}\n'),
    ]);
    for (const sizes of [[], [1]]) {
      const error = await failure(ndjsonRecords(text, { onBadRecord }, sizes));
      expect(error.message).toBe('Line 2 is not UTF-8 text.');
    }
  });

  it('are lines longer than maxRecordBytes (G5)', async () => {
    const error = await failure(
      ndjsonRecords(`{"a":1}\n{"a":"${'x'.repeat(100)}"}`, { maxRecordBytes: 50 }, [10]),
    );
    expect(error.message).toBe('The record that begins in line 2 is longer than 50 bytes.');
  });
});

it('says where each batch ends, in bytes of the input', async () => {
  const bytes = Buffer.from('\uFEFF{"a":"é"}\r\n\n{"a":"😀"}\n{"a":3}');
  for (let size = 1; size <= bytes.length; size++) {
    let last = 0;
    for await (const { end } of readNdjson(chunksOf(bytes, [size])).records) {
      const rest = await ndjsonRecords(bytes.subarray(end.byteOffset));
      expect(rest).toHaveLength(3 - end.recordCount);
      expect(end.line).toBe([1, 2, 4, 5][end.recordCount]);
      last = end.byteOffset;
    }
    expect(last).toBe(bytes.length);
  }
});
