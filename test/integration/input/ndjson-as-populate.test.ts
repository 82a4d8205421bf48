/** The oracle for NDJSON is json_populate_record: the values it gives the columns of a table. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readNdjson } from '../../../src/input/json-reader.ts';
import { createTestDatabase } from '../../support/database.ts';

const SELECT_VALUES = 'select t, n::text, i::text, b::text, j::text, d::text, a::text';

// Text without NUL and lone surrogates, which PostgreSQL cannot hold.
const text = fc.string({ unit: fc.constantFrom(...'aé😀"\\/\n\t {}[],:', 'null', '1.0') });
const digits = fc.integer({ min: 0 }).map(String);
const number = fc
  .tuple(fc.constantFrom('', '-'), digits, fc.constantFrom('', '.10', '.5e3', 'E-4'))
  .map((parts) => parts.join(''));
const scalar = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  number,
  fc.constantFrom('true', 'null'),
);
const json = fc.oneof(
  scalar,
  fc.array(scalar).map((each) => `[${each.join(' , ')}]`),
  scalar.map((each) => `{"k": ${each},"k": 1.0 , "":[]}`),
);

const line = fc
  .record(
    {
      t: fc.oneof(
        scalar,
        scalar.map((each) => `{ "x":${each} }`),
      ),
      n: number,
      i: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      b: fc.constantFrom('true', 'false', 'null', '"on"'),
      j: json,
      d: json,
      a: fc.oneof(
        fc.constant('null'),
        fc.array(scalar).map((each) => `[${each.join(',')}]`),
      ),
    },
    { requiredKeys: [] },
  )
  .map(
    (members) =>
      `{${Object.entries(members)
        .map(([key, value]) => `"${key}": ${value}`)
        .join(',')}}`,
  );

it('gives each column the value json_populate_record gives it (G4)', async () => {
  await using database = await createTestDatabase();
  await database.query(
    'create table t (t text, n numeric, i bigint, b boolean, j json, d jsonb, a text[])',
  );
  const lines = fc.sample(line, 300);
  async function* source(): AsyncGenerator<Buffer> {
    for (const each of lines) yield Buffer.from(`${each}\n`);
  }
  const jsonColumns = new Set(['j', 'd']);
  let compared = 0;
  for await (const { records } of readNdjson(source(), { jsonColumns }).records) {
    for (const { record, recordNumber } of records) {
      const { t = null, n = null, i = null, b = null, j = null, d = null, a = null } = record;
      const ours = await database.query(
        `${SELECT_VALUES} from (select $1::text, $2::numeric, $3::bigint, $4::boolean, $5::json, $6::jsonb,
           $7::text[]) as v (t, n, i, b, j, d, a)`,
        [t, n, i, b, j, d, a],
      );
      const source = lines[recordNumber - 1];
      const theirs = `${SELECT_VALUES} from json_populate_record(null::t, $1)`;
      expect(ours, source).toEqual(await database.query(theirs, [source]));
      compared++;
    }
  }
  expect(compared).toBe(300);
});
