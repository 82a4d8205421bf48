// G4 from end to end: a CSV file loaded by `relyt load` makes the same rows as COPY of that file.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { newestServers } from '../../support/stack.ts';
import { relyt, s3Environment } from './relyt.ts';

/** For each type texts that COPY takes; the empty field, NULL, is added to all of them. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  int2: ['0', '-32768', '32767', ' 7 ', '+5'],
  int8: ['9223372036854775807', '-9223372036854775808', '00042'],
  numeric: ['123456789012345678901234567890.123456789', '1.10', '-0.0', 'NaN', 'Infinity', '1e-30'],
  'numeric(6,2)': ['1234.56', '-0.005', '1'],
  float8: ['0.1', '1e308', '-Infinity', 'nan', '5e-324', '-0'],
  float4: ['0.1', '3.4e38', 'Infinity'],
  bool: ['t', 'FALSE', 'yes', 'off', '1'],
  text: ['""', '"a,b"', '"say ""hi"""', '\\N', '\\.x', ' spaces ', '"two\nlines"', 'é😀', "it's"],
  'varchar(3)': ['abc', '"ab "', '""', 'é😀'],
  'char(3)': ['a', 'abc', '""'],
  date: ['2024-02-29', '0001-01-01', '4713-01-01 BC', 'infinity', '1999-Jan-08'],
  timestamptz: ['2024-02-29 23:59:59.999999+02', '2024-01-01T00:00:00Z', '-infinity'],
  timestamp: ['2024-02-29 12:00:00.123456', '294276-12-31 23:59:59'],
  interval: ['1 year 2 mons', 'P1DT2H', '-00:00:01.5'],
  uuid: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{A0EEBC999C0B4EF8BB6D6BB9BD380A11}'],
  json: ['"{""a"": 1.10, ""b"": [1,2]}"', 'null', '"""text"""', '1'],
  jsonb: ['"{""b"":2,""a"":1}"', 'true', '[]'],
  bytea: ['\\x00ff', '\\\\x', 'abc'],
  inet: ['10.0.0.1/8', '::1'],
  'int4[]': ['{}', '"{1,NULL,3}"', '"{{1,2},{3,4}}"', '"[0:1]={1,2}"'],
  'text[]': ['"{a,""b c"",NULL,""NULL""}"', '"{""x,y"",""\\""q\\""""}"'],
  point: ['"(1,2)"', '"(0.1,-1e10)"'],
  int4range: ['"[1,5)"', 'empty'],
};
const TYPES = Object.keys(VALUES);
const COLUMNS = TYPES.map((_type, i) => `c${i}`);

/** Enough rows that every value comes up, with each other value of its column before and after. */
const EVERY_VALUE = Array.from({ length: 12 }, (_, row) =>
  TYPES.map((type) => ['', ...(VALUES[type] ?? [])][row % ((VALUES[type]?.length ?? 0) + 1)] ?? ''),
);

const fields = TYPES.map((type) => fc.constantFrom('', ...(VALUES[type] ?? [])));
const rowsOfAnyValues = fc.array(fc.tuple(...fields), { minLength: 1, maxLength: 40 });

interface CsvFile {
  readonly rows: readonly (readonly string[])[];
  readonly lineEnd: string;
  readonly lastLineEnds: boolean;
}

function csv({ rows, lineEnd, lastLineEnds }: CsvFile): string {
  const lines = [COLUMNS, ...rows].map((row) => row.join(','));
  return lines.join(lineEnd) + (lastLineEnds ? lineEnd : '');
}

describe.each(newestServers().map((server) => [server.name, server] as const))(
  'on %s',
  (_name, server) => {
    const prefix = uniquePrefix();
    let database: TestDatabase;

    beforeAll(async () => {
      database = await createTestDatabase(server);
      const definitions = TYPES.map((type, i) => `${COLUMNS[i]} ${type}`).join(', ');
      await database.query(`create table loaded (${definitions})`);
      await database.query('create table copied (like loaded)');
      const env = { DATABASE_URL: database.url, ...s3Environment(prefix) };
      expect(await relyt(['init'], { env })).toMatchObject({ code: 0 });
    });
    afterAll(async () => {
      await database.drop();
      await deleteKeys(prefix);
    });

    async function copy(text: string): Promise<void> {
      const client = await database.pool.connect();
      try {
        const sql = `copy copied from stdin (format csv, header true, encoding 'UTF8')`;
        await pipeline(Readable.from([Buffer.from(text)]), client.query(copyFrom(sql)));
      } finally {
        client.release();
      }
    }

    function rowsOf(table: string): Promise<unknown[]> {
      return database.query(`select t::text as row from ${table} t order by 1`);
    }

    async function check(file: CsvFile, args: readonly string[]): Promise<void> {
      await database.query('truncate loaded, copied');
      const text = csv(file);
      await copy(text);
      const result = await relyt(['load', '-', '--table', 'loaded', '--quiet', ...args], {
        env: { DATABASE_URL: database.url },
        input: text,
      });
      expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
      const expected = await rowsOf('copied');
      expect(expected).toHaveLength(file.rows.length);
      expect(await rowsOf('loaded')).toEqual(expected);
    }

    test('every value of every type', async () => {
      await check({ rows: EVERY_VALUE, lineEnd: '\n', lastLineEnds: true }, []);
    });

    test('any values, line ends, compression and number of imports', async () => {
      const cases = fc.record({
        file: fc.record({
          rows: rowsOfAnyValues,
          lineEnd: fc.constantFrom('\n', '\r\n'),
          lastLineEnds: fc.boolean(),
        }),
        args: fc.constantFrom(
          ['--compression', 'gzip'],
          ['--batch-size', '7', '--concurrency', '3'],
          [],
        ),
      });
      const property = fc.asyncProperty(cases, ({ file, args }) => check(file, args));
      await fc.assert(property, { numRuns: 12 });
    });
  },
);
