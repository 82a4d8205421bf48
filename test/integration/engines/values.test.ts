// G4 on every engine: what goes in comes out, by the ordinary import and by the isolation of bad records alike.

import fc from 'fast-check';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import type { TestTarget } from '../../support/loading.ts';
import type { TestServer } from '../../support/stack.ts';
import { TYPE_SETUP, type TypeCase, typeCasesOn } from '../records/type-cases.ts';

const ROWS = 40;
/** Rows of one statement that binds values as parameters; a statement takes 65,535 of them. */
const ROWS_PER_STATEMENT = 20;

interface TypedColumn extends TypeCase {
  readonly name: string;
  /** One value for each row; NULL in the last. */
  readonly values: readonly (readonly [given: unknown, bound: string | Buffer | null])[];
}

function typedColumns(server: TestServer): TypedColumn[] {
  return typeCasesOn(server).map((typeCase, index) => {
    const sampled = fc.sample(typeCase.pairs, { numRuns: ROWS - 1, seed: 1_000 + index });
    return { ...typeCase, name: `c${index}`, values: [...sampled, [null, null] as const] };
  });
}

function recordOf(columns: readonly TypedColumn[], n: number): Record<string, unknown> {
  const values = columns.map(({ name, values }) => [name, values[n]?.[0] ?? null] as const);
  return { n, ...Object.fromEntries(values), amount: 0 };
}

/** The same values as parameters of plain INSERTs. */
async function bind(client: pg.ClientBase, columns: readonly TypedColumn[]): Promise<void> {
  for (let from = 0; from < ROWS; from += ROWS_PER_STATEMENT) {
    const parameters: unknown[] = [];
    const parameter = (value: unknown) => `$${parameters.push(value)}`;
    const tuples = Array.from({ length: ROWS_PER_STATEMENT }, (_, i) => {
      const values = columns.map(({ values }) => parameter(values[from + i]?.[1] ?? null));
      return `(${parameter(from + i)}, ${values.join(', ')}, 0)`;
    });
    await client.query(`insert into bound values ${tuples.join(', ')}`, parameters);
  }
}

/** Every value as text, with all digits of the floats. */
async function texts(target: TestTarget, table: string, columns: readonly TypedColumn[]) {
  const client = await target.database.pool.connect();
  try {
    await client.query('set extra_float_digits = 3');
    const shown = columns.map(({ name }) => `${name}::text`).join(', ');
    return (await client.query(`select n, ${shown} from ${table} order by n`)).rows;
  } finally {
    client.release(true);
  }
}

describeEngines('every type of value (G4)', ({ server, makeTarget }) => {
  const columns = typedColumns(server);
  const definitions = columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  const definition = `n int, ${definitions}, amount int check (amount >= 0)`;
  const records = Array.from({ length: ROWS }, (_, n) => recordOf(columns, n));
  let bound: unknown[];

  beforeAll(async () => {
    const target = await makeTarget(definition, { table: 'bound', before: TYPE_SETUP.join(';\n') });
    const client = await target.database.pool.connect();
    try {
      await bind(client, columns);
    } finally {
      client.release();
    }
    bound = await texts(target, target.sql, columns);
    expect(bound).toHaveLength(ROWS);
  });

  test('equals the same value bound as a parameter', async () => {
    const target = await makeTarget(definition);
    await target.load(records, { batchSize: 15, compression: 'gzip' });
    expect(await texts(target, target.sql, columns)).toEqual(bound);
  });

  test('equals it also when a bad record beside it is isolated', async () => {
    const target = await makeTarget(definition);
    const bad = { ...recordOf(columns, ROWS - 1), n: ROWS, amount: -1 };
    await target.load([...records.slice(0, 20), bad, ...records.slice(20)], { maxErrorRecords: 1 });
    expect(await texts(target, target.sql, columns)).toEqual(bound);
  });
});

const RECORDS = [
  { id: 1, t: '', v: null },
  { id: 2, t: null, v: '' },
  { id: 3, t: '\\.', v: '\n\\.\n' },
  { id: 4, t: '\\N', v: 'NULL' },
  { id: 5, t: '"', v: 'a,"b"\r\nc' },
  { id: 6, t: ' leading and trailing ', v: '\t' },
  { id: 7, t: '\u{1F600}é\u0301', v: '5" pipe' },
];

describeEngines('texts that CSV could lose (G4)', ({ makeTarget }) => {
  describe.each(['none', 'gzip'] as const)('with compression %s', (compression) => {
    test('NULL, the empty text, ends of data, quotes and ends of lines', async () => {
      const target = await makeTarget('id int primary key, t text, v text');
      // A file of its own for each record: what stands at the end of a file counts as well.
      await target.load(RECORDS, { compression, batchSize: 1 });
      expect(await target.rows()).toEqual(RECORDS);
    });
  });
});
