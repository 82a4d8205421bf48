import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../src/input/csv-reader.ts';
import type { BadRecord, InputPosition } from '../../../src/input/record-batch.ts';
import { chunksOf, csvFields, csvRecords, failure } from './read-all.ts';

describe('fields', () => {
  it.each<[string, (string | null)[]]>([
    ['a,b', ['a', 'b']],
    ['"a","b"', ['a', 'b']],
    [',', [null, null]],
    ['"",', ['', null]],
    ['a,', ['a', null]],
    [' a , "b" ', [' a ', ' b ']],
    ['a"b,c"d,e', ['ab,cd', 'e']],
    ['"a"b"c",d', ['abc', 'd']],
    ['"a""b",c', ['a"b', 'c']],
    ['"a,b","c\nd"', ['a,b', 'c\nd']],
    ['"""",""""""', ['"', '""']],
    ['a"",b', ['a', 'b']],
    ['\\,\\.', ['\\', '\\.']],
    ['é,😀', ['é', '😀']],
    ['"\r","\r\n"', ['\r', '\r\n']],
  ])('splits %j as COPY does', async (text, fields) => {
    expect(await csvFields(text)).toEqual([fields]);
    expect(await csvFields(`${text}\n`, {}, [1])).toEqual([fields]);
  });

  it('takes unquoted null text as null, quoted as text (G4)', async () => {
    const fields = await csvFields('NULL,"NULL",,""\nNULL ,N"ULL",null,x\n', { nullText: 'NULL' });
    expect(fields).toEqual([
      [null, 'NULL', '', ''],
      ['NULL ', 'NULL', 'null', 'x'],
    ]);
  });

  it('has its own delimiter and quote', async () => {
    expect(await csvFields("'a;b';c\n", { delimiter: ';', quote: "'" })).toEqual([['a;b', 'c']]);
    expect(await csvFields('a\t"b\tc"\n', { delimiter: '\t' })).toEqual([['a', 'b\tc']]);
  });

  it('takes an escape only inside quotes, before a quote or itself', async () => {
    const text = '"a\\"b","\\\\","\\n"\n\\,a\\"b",c\n';
    for (const sizes of [[], [1], [2], [3]]) {
      expect(await csvFields(text, { escape: '\\' }, sizes)).toEqual([
        ['a"b', '\\', '\\n'],
        ['\\', 'a\\b', 'c'],
      ]);
    }
  });
});

describe('lines', () => {
  it.each(['\n', '\r\n', '\r'])('end with %j, the last one with nothing', async (lineEnd) => {
    const text = ['a,b', '"c\n\rd",e', 'f,g'].join(lineEnd);
    const expected = [
      ['a', 'b'],
      ['c\n\rd', 'e'],
      ['f', 'g'],
    ];
    for (const sizes of [[], [1], [2], [3], [5]]) {
      expect(await csvFields(text, {}, sizes)).toEqual(expected);
      expect(await csvFields(text + lineEnd, {}, sizes)).toEqual(expected);
    }
  });

  it.each([
    ['a\nb\r\n', 2, 'CRLF'],
    ['a\nb\rc\n', 2, 'CR'],
    ['a\r\nb\nc', 2, 'LF'],
    ['a\r\nb\r', 2, 'CR'],
    ['a\rb\n', 2, 'LF'],
    ['a\rb\r\n', 3, 'LF'],
    ['"x\ny"\nb\r', 3, 'CR'],
  ])('refuses the unquoted line end of another kind in %j', async (text, line, got) => {
    for (const sizes of [[], [1]]) {
      const error = await failure(csvFields(text, {}, sizes));
      expect(error.code).toBe('INPUT_MALFORMED');
      expect(error.details).toMatchObject({ line, got });
    }
  });

  it('takes an empty line as one empty field', async () => {
    expect(await csvFields('a\n\n\n')).toEqual([['a'], [null], [null]]);
    expect(await csvFields('\n')).toEqual([[null]]);
    const error = await failure(csvFields('a,b\n\n'));
    expect(error.message).toBe('Line 2 (record 2) has 1 field, expected 2 fields.');
  });

  it('takes a line of only \\. as data, so that nothing after it is lost (G2)', async () => {
    expect(await csvFields('a\n\\.\nb\n')).toEqual([['a'], ['\\.'], ['b']]);
    const error = await failure(csvFields('a,b\n\\.\n'));
    expect(error.hint).toContain('Remove the line');
  });

  it('numbers physical lines, those inside quotes included', async () => {
    const lines = async (text: string) =>
      (await csvRecords(text, { header: false })).map((record) => record.line);
    expect(await lines('a\n"b\nb"\nc')).toEqual([1, 2, 4]);
    expect(await lines('"a\n\na"\r\n"b\r\nb"\r\nc')).toEqual([1, 4, 6]);
    expect(await lines('"a\ra"\r"b\nb"\rc')).toEqual([1, 3, 4]);
  });
});

describe('header', () => {
  it('gives the names and is no record', async () => {
    const reader = readCsv(chunksOf('id,"na,me"\n1,x\n', [1]));
    expect(await reader.header()).toEqual(['id', 'na,me']);
    expect(await reader.header()).toEqual(['id', 'na,me']);
    const batches = [];
    for await (const batch of reader.records) batches.push(...batch.records);
    expect(batches).toEqual([{ fields: ['1', 'x'], line: 2, recordNumber: 1 }]);
  });

  it('is passed over when only the records are read', async () => {
    expect(await csvRecords('a\n\n')).toEqual([{ fields: [null], line: 2, recordNumber: 1 }]);
  });

  it('is undefined for an empty input and when there is none', async () => {
    expect(await readCsv(chunksOf('')).header()).toBeUndefined();
    expect(await readCsv(chunksOf('a\n'), { header: false }).header()).toBeUndefined();
    expect(await csvRecords('')).toEqual([]);
    expect(await csvRecords('a,b')).toEqual([]);
  });

  it('must name every column once', async () => {
    const twice = await failure(readCsv(chunksOf('a,b,"a"\n')).header());
    expect(twice.message).toBe('The header in line 1 has the name "a" twice.');
    const missing = await failure(csvRecords('a,,b\n1,2,3\n'));
    expect(missing.message).toBe('The header in line 1 has no name for column 2.');
  });

  it('is found behind a byte order mark, which is skipped', async () => {
    const reader = readCsv(chunksOf('\uFEFFid\n\uFEFF\n', [1]));
    expect(await reader.header()).toEqual(['id']);
    const ends = [];
    for await (const batch of reader.records) ends.push(batch.end.byteOffset);
    expect(ends).toEqual([10]);
  });
});

describe('malformed records', () => {
  it('are reported between their neighbours, in order (G2)', async () => {
    const log: unknown[] = [];
    const onBadRecord = async (bad: BadRecord) => {
      log.push({ bad: bad.text, line: bad.line, record: bad.recordNumber });
    };
    const text = 'a,b\n1,2\n3\n"4\n",5,6\n7,8\n';
    for await (const batch of readCsv(chunksOf(text), { onBadRecord }).records) {
      log.push(batch.records.map((record) => [record.recordNumber, record.line]));
    }
    expect(log).toEqual([
      [[1, 2]],
      { bad: '3', line: 3, record: 2 },
      { bad: '"4\n",5,6', line: 4, record: 3 },
      [[4, 6]],
    ]);
  });

  it('end the reading unless the caller decides to go on, after the records before them', async () => {
    const seen: unknown[] = [];
    const read = async (options = {}) => {
      for await (const batch of readCsv(chunksOf('1,2\n3,4\n5\n6,7\n'), {
        header: false,
        ...options,
      }).records) {
        seen.push(...batch.records.map((record) => record.fields[0]));
      }
    };
    const error = await failure(read());
    expect(error.message).toBe('Line 3 (record 3) has 1 field, expected 2 fields.');
    expect(error.details).toEqual({ line: 3, expected: '2 fields', got: '1 field' });
    expect(seen).toEqual(['1', '3']);
    const stop = new Error('stop');
    const onBadRecord = () => {
      throw stop;
    };
    await expect(read({ onBadRecord })).rejects.toBe(stop);
  });

  it('are those with another number of fields than columnCount says', async () => {
    const error = await failure(csvFields('a,b\n', { columnCount: 3 }));
    expect(error.details).toMatchObject({ line: 1, expected: '3 fields', got: '2 fields' });
  });

  it('never come out as values in the message', async () => {
    const error = await failure(csvFields('a,b\nsecret\n'));
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('secret');
  });
});

describe('fatal faults', () => {
  it.each([
    ['"', 1],
    ['a,b\nc,"d\n\ne', 2],
    ['a\n"b\nb",x"\n\n', 3],
    ['a\r"b\r\rb"\rc"', 5],
    ['a,"b""', 1],
  ])('names the line where the open quote of %j is', async (text, line) => {
    for (const sizes of [[], [1], [4]]) {
      const error = await failure(
        csvFields(text, { columnCount: 1, onBadRecord: () => {} }, sizes),
      );
      expect(error.message).toBe(`The quote opened in line ${line} is never closed.`);
      expect(error.details.line).toBe(line);
    }
  });

  it('refuses a record longer than maxRecordBytes, so an open quote cannot eat the memory (G5)', async () => {
    const text = `a,b\n1,"\n${'x,y\n'.repeat(1000)}`;
    const error = await failure(csvFields(text, { maxRecordBytes: 100 }, [10]));
    expect(error.message).toBe('The record that begins in line 2 is longer than 100 bytes.');
    expect(error.hint).toContain('Close the quote opened in line 2');
    expect(await csvFields('a,b\n', { maxRecordBytes: 3 }, [2])).toEqual([['a', 'b']]);
  });

  it('names the line that is not UTF-8, after the records before it', async () => {
    const text = Buffer.concat([
      Buffer.from('a,b\n"é\n",c\nd,"\n'),
      Buffer.from([0xe9]),
      Buffer.from('",e\n'),
    ]);
    for (const sizes of [[], [1], [3]]) {
      const seen: unknown[] = [];
      const read = async () => {
        const { records } = readCsv(chunksOf(text, sizes), { header: false });
        for await (const batch of records) seen.push(...batch.records.map((r) => r.fields));
      };
      const error = await failure(read());
      expect(error.message).toBe('Line 5 is not UTF-8 text.');
      expect(error.details.line).toBe(5);
      expect(seen).toEqual([
        ['a', 'b'],
        ['é\n', 'c'],
      ]);
    }
  });
});

it('says where each batch ends, in bytes of the input', async () => {
  const text = '\uFEFFa,b\r\né,"😀\n"\r\n1,2\r\n3,4';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const ends: InputPosition[] = [];
    const tails: number[] = [];
    for await (const batch of readCsv(chunksOf(bytes, [size])).records) {
      ends.push(batch.end);
      const rest = await csvFields(bytes.subarray(batch.end.byteOffset), { columnCount: 2 });
      tails.push(rest.length);
      expect(batch.end.line).toBe([0, 4, 5, 6][batch.end.recordCount]);
    }
    expect(ends.at(-1)).toEqual({ byteOffset: bytes.length, line: 6, recordCount: 3 });
    expect(tails).toEqual(ends.map((end) => 3 - end.recordCount));
  }
});

it('lets go of its input when the iteration ends early', async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.from('a,b\n');
    } finally {
      closed = true;
    }
  }
  for await (const batch of readCsv(endless()).records) if (batch.end.recordCount > 2) break;
  expect(closed).toBe(true);
});

it('scans a record that spans many chunks once (G5)', async () => {
  const long = 'x"",y\n'.repeat(2_000_000);
  // Starting again with each chunk would be 300 GB of scanning, far beyond the time limit of a test.
  const [record] = await csvFields(`"${long}",1`, {}, [256]);
  expect(record?.[0]).toHaveLength(10_000_000);
});
