import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { copyLines, readTarget, valueEncoder } from './staged-copy.ts';
import { type Pair, TYPE_CASES, TYPE_SETUP } from './type-cases.ts';

interface Stored {
  readonly n: string;
  readonly v: string | null;
}

describe.each(testStack().servers)('values staged for $name (G4)', (server) => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase(server);
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    for (const statement of TYPE_SETUP) await client.query(statement);
  });

  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  async function createTables(type: string): Promise<void> {
    await client.query('drop table if exists staged, bound');
    await client.query(`create table staged (n bigint, v ${type})`);
    await client.query(`create table bound (n bigint, v ${type})`);
  }

  async function stored(table: string, shown = 'v::text'): Promise<Stored[]> {
    return (await client.query<Stored>(`select n, ${shown} as v from ${table} order by n`)).rows;
  }

  async function bind(pairs: readonly Pair[]): Promise<void> {
    const rows = pairs.map((_, i) => `($${2 * i + 1}, $${2 * i + 2})`).join(', ');
    const values = pairs.flatMap(([, bound], i) => [i + 1, bound]);
    await client.query(`insert into bound (n, v) values ${rows}`, values);
  }

  it.each(TYPE_CASES.map((typeCase, i) => ({ ...typeCase, i })))(
    'equal the same values bound as parameters: $type (case $i)',
    async ({ type, pairs }) => {
      await createTables(type);
      const encoder = valueEncoder(await readTarget(client, 'staged'));
      const nothing = fc.constant<Pair>([null, null]);
      const many = fc.array(fc.oneof({ weight: 9, arbitrary: pairs }, nothing), {
        minLength: 1,
        maxLength: 100,
        size: 'max',
      });
      await fc.assert(
        fc.asyncProperty(many, async (sample) => {
          await client.query('truncate staged, bound');
          const lines = sample.map(([given], i) => encoder.encode({ v: given }, i + 1));
          await copyLines(client, 'staged', lines);
          await bind(sample);
          expect(await stored('staged')).toEqual(await stored('bound'));
        }),
        { numRuns: 8, endOnFailure: true },
      );
    },
  );

  it('are rounded to the precision of their column as the page of types says, and as COPY does', async () => {
    const examples = await roundedExamples();
    expect(examples.map(({ type }) => type)).toEqual(['real', 'numeric(5,2)', 'timestamp(0)']);
    for (const { type, given, stored: expected } of examples) {
      await createTables(type);
      const encoder = valueEncoder(await readTarget(client, 'staged'));
      await copyLines(client, 'staged', [encoder.encode({ v: given }, 1)]);
      await copyLines(client, 'bound', [`1,${given}\n`]);
      expect(await stored('staged')).toEqual([{ n: '1', v: expected }]);
      expect(await stored('bound')).toEqual(await stored('staged'));
    }
  });

  it.each(['timestamptz', 'timestamp', 'date'])(
    'keep the instant of a Date over the whole range of %s',
    async (type) => {
      await createTables(type);
      const encoder = valueEncoder(await readTarget(client, 'staged'));
      const min = new Date('-004713-11-24T00:00:00.000Z');
      const instants = fc.oneof(
        fc.date({ min, noInvalidDate: true }),
        fc.date({ min: new Date('0000-12-01'), max: new Date('0001-02-01'), noInvalidDate: true }),
        fc.constantFrom(min, new Date(8.64e15), new Date(0), new Date(-1)),
      );
      const dates = type === 'date' ? instants.map(midnight) : instants;
      await fc.assert(
        fc.asyncProperty(fc.array(dates, { minLength: 50, maxLength: 200 }), async (sample) => {
          await client.query('truncate staged');
          await copyLines(
            client,
            'staged',
            sample.map((v, i) => encoder.encode({ v }, i + 1)),
          );
          const rows = await stored('staged', 'round(extract(epoch from v) * 1000)::text');
          expect(rows.map(({ v }) => Number(v))).toEqual(sample.map((date) => date.getTime() + 0));
        }),
        { numRuns: 4, endOnFailure: true },
      );
    },
  );
});

/** Values that docs/reference/types.md shows as stored otherwise than given. */
async function roundedExamples() {
  type Value = (() => unknown) & { readonly stored?: string };
  const file = new URL('../../../scripts/docs/type-examples.mjs', import.meta.url);
  const { TYPE_EXAMPLES } = (await import(file.href)) as {
    readonly TYPE_EXAMPLES: readonly (readonly [string, object, readonly Value[]])[];
  };
  return TYPE_EXAMPLES.flatMap(([type, , values]) =>
    values.flatMap((value) =>
      value.stored === undefined ? [] : [{ type, given: value(), stored: value.stored }],
    ),
  );
}

function midnight(date: Date): Date {
  const copy = new Date(date);
  copy.setUTCHours(0, 0, 0, 0);
  return copy;
}
