// G4: the options of CSV mean what they mean for COPY, and a wrong delimiter is noticed.

import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { FORMAT_FLAGS } from '../../../src/cli/load/format-flags.ts';
import type { FormatOptions } from '../../../src/input/format-options.ts';
import { InputSource } from '../../../src/input/input-source.ts';
import { openRecordSource } from '../../../src/input/open-record-source.ts';
import { keptFields } from '../../../src/records/field-row.ts';
import { targetColumn, targetTable } from '../records/target-fixture.ts';
import { failure } from './read-all.ts';

const TABLE = targetTable([targetColumn('id', 'text'), targetColumn('v', 'text')], []);

async function recordsOf(content: string, format: FormatOptions, table = TABLE) {
  const input = new InputSource(Readable.from([Buffer.from(content)]), { name: 'a.csv' });
  const source = await openRecordSource({
    input,
    format,
    optionNames: FORMAT_FLAGS,
    table,
    onBadRecord: ({ error }) => {
      throw error;
    },
  });
  const records: unknown[] = [];
  const lines: number[] = [];
  for await (const batch of source.batches(0)) {
    for (const record of batch.records) records.push(keptFields(record));
    lines.push(...batch.lines);
  }
  return { records, lines, columns: source.columns };
}

describe('force null and force not null', () => {
  const content = 'id,v\n"",""\n,\nx,y\n"a""b",""\n';

  test.each<[string, FormatOptions, unknown]>([
    [
      'neither',
      {},
      [
        ['', ''],
        [null, null],
        ['x', 'y'],
        ['a"b', ''],
      ],
    ],
    [
      'force null of one',
      { forceNull: ['v'] },
      [
        ['', null],
        [null, null],
        ['x', 'y'],
        ['a"b', null],
      ],
    ],
    [
      'force null of all',
      { forceNull: true },
      [
        [null, null],
        [null, null],
        ['x', 'y'],
        ['a"b', null],
      ],
    ],
    [
      'force not null of one',
      { forceNotNull: ['id'] },
      [
        ['', ''],
        ['', null],
        ['x', 'y'],
        ['a"b', ''],
      ],
    ],
    [
      'both of one',
      { forceNull: ['v'], forceNotNull: ['v'] },
      [
        ['', null],
        [null, ''],
        ['x', 'y'],
        ['a"b', null],
      ],
    ],
    [
      'both of all',
      { forceNull: true, forceNotNull: true },
      [
        [null, null],
        ['', ''],
        ['x', 'y'],
        ['a"b', null],
      ],
    ],
  ])('%s', async (_case, format, expected) => {
    expect((await recordsOf(content, format)).records).toEqual(expected);
  });

  test('name columns that the input has', async () => {
    const { code, message, hint } = await failure(recordsOf(content, { forceNull: ['w'] }));
    expect(code).toBe('CONFIG_INVALID');
    expect(message).toBe('--force-null names the column "w", which the input does not have.');
    expect(hint).toContain('id, v');
  });
});

describe('lines before the header', () => {
  test('are passed over, whatever they hold, and count as lines', async () => {
    const found = await recordsOf('sep=;\n"open\r\nid;v\n1;"2,5"\n', {
      skipLines: 2,
      delimiter: ';',
    });
    expect(found).toMatchObject({ records: [['1', '2,5']], lines: [4] });
  });

  test('may be all there is', async () => {
    const found = await recordsOf('a\nb', { skipLines: 5 });
    expect(found.records).toEqual([]);
  });
});

describe('a header that named columns replace', () => {
  test.each([
    ['lacks a name', 'A|B|\n1|2|\n'],
    ['has a name twice', 'A|A|A\n1|2|\n'],
    ['has another number of names', 'Report of 2024\n1|2|\n'],
  ])('is not judged: one that %s', async (_case, content) => {
    const format = { delimiter: '|', columns: ['id', 'v', ''] };
    expect((await recordsOf(content, format)).records).toEqual([['1', '2', null]]);
  });
});

describe('another delimiter than the given one', () => {
  const three = targetTable(
    ['a', 'b', 'c'].map((name) => targetColumn(name, 'text')),
    [],
  );

  test.each([
    ['in the header', 'id;v\n1;2,5\n', {}, "--delimiter ';'"],
    [
      'in the header, where commas stand in it as well',
      'id;v;x, y\n1;2;3\n',
      {},
      "--delimiter ';'",
    ],
    ['in the header, quoted', '"id"|"v"\n1|2\n', {}, "--delimiter '|'"],
    ['a tab', 'id\tv\n1\t2\n', {}, "--delimiter '\\t'"],
    ['a comma', 'id,v\n1,2\n', { delimiter: ';' }, "--delimiter ','"],
  ])('is suggested: %s', async (_case, content, format, hint) => {
    const error = await failure(recordsOf(content, format));
    expect(error.code).toBe('COLUMN_UNKNOWN');
    expect(error.hint).toContain(hint);
  });

  test('is suggested for records without header', async () => {
    const error = await failure(recordsOf('1;2;3\n', { header: false }, three));
    expect(error.hint).toContain("--delimiter ';'");
  });

  test('is not suggested where it explains nothing', async () => {
    expect((await failure(recordsOf('id;x\n1;2\n', {}))).hint).toContain('--delimiter');
    expect((await failure(recordsOf('idx;x\n', {}))).hint).not.toContain('--delimiter');
    expect((await failure(recordsOf('1;2\n', { header: false }, three))).hint).not.toContain("';'");
  });
});
