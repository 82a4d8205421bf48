// G4 from end to end: a CSV file loaded by `relyt load` makes the same rows as COPY of that file.

import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
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

const fields = TYPES.map((type) => fc.constantFrom('', ...(VALUES[type] ?? [])));
const files = fc.record({
  rows: fc.array(fc.tuple(...fields), { minLength: 1, maxLength: 30 }),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  endsWithLineEnd: fc.boolean(),
});

function csv({ rows, lineEnd, endsWithLineEnd }: fc.RandomType): string;
function csv(file: { rows: string[][]; lineEnd: string; endsWithLineEnd: boolean }): string {
  const { rows, lineEnd, endsWithLineEnd } = file;
  const lines = [COLUMNS, ...rows].map((row) => row.join(','));
  return lines.join(lineEnd) + (endsWithLineEnd ? lineEnd : '');
}
