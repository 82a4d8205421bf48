// COPY applies the modifier of a type as it receives a value, INSERT as it assigns one: what goes straight into the target
// arrives equal to the byte, and what one of them refuses the other refuses as well (G4).

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TargetTable } from '../../../src/core/target-table.ts';
import { BINARY_HEADER } from '../../../src/engines/binary-header.ts';
import { columnDefinitions } from '../../../src/engines/column-definitions.ts';
import { encoderFor, firstLayout } from '../../../src/records/layout-choice.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { TextColumnNeededError } from '../../../src/records/record-check.ts';
import { TupleRows } from '../../../src/records/tuple-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { readTarget } from './staged-copy.ts';
import { TEXT_ONLY, TYPE_CASES, TYPE_SETUP, type TypeCase } from './type-cases.ts';

const valuesOf = (type: string) =>
  fc.oneof(...TYPE_CASES.filter((one) => one.type === type).map(({ pairs }) => pairs));
const texts = (...given: string[]) =>
  fc.constantFrom(...given).map((text): readonly [string, string] => [text, text]);

const LONG = texts(
  '',
  'a',
  'abc',
  'abc  ',
  'abcd',
  'abc d',
  'ééé',
  'éééé',
  '\u{1F600}\u{1F600} ',
  '   ',
);
const DECIMALS = fc.oneof(
  valuesOf('numeric'),
  valuesOf('numeric(10,3)'),
  texts('0.005', '99.995', '-99.99', '100', 'NaN'),
);
const listOf = (values: TypeCase['pairs']): TypeCase['pairs'] =>
  fc.array(values, { maxLength: 5 }).map((pairs) => [pairs.map(([given]) => given), null]);

/** Modifiers that round, pad, cut blanks or refuse. */
const MODIFIED: readonly TypeCase[] = [
  ...['varchar(3)', 'char(3)', 'short'].map((type) => ({ type, pairs: LONG })),
  ...['numeric(4,2)', 'numeric(3,0)', 'small'].map((type) => ({ type, pairs: DECIMALS })),
  ...[0, 2, 6].flatMap((digits) => [
    { type: `timestamp(${digits})`, pairs: valuesOf('timestamp') },
    { type: `timestamptz(${digits})`, pairs: valuesOf('timestamptz') },
    { type: `time(${digits})`, pairs: valuesOf('time') },
  ]),
  { type: 'positive', pairs: valuesOf('int4') },
  { type: 'varchar(3)[]', pairs: listOf(LONG) },
  { type: 'char(3)[]', pairs: listOf(LONG) },
  { type: 'numeric(4,2)[]', pairs: listOf(DECIMALS) },
  { type: 'timestamp(1)[]', pairs: listOf(valuesOf('timestamp')) },
];

const SETUP = [
  ...TYPE_SETUP,
  'create domain short as varchar(3)',
  'create domain small as numeric(4,2) check (value <> 1)',
];

describe.each(testStack().servers)('straight into a table of $name (G4)', (server) => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase(server);
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    for (const statement of SETUP) await client.query(statement);
  });

  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  async function copy(into: string, tuples: Buffer): Promise<void> {
    const sink = client.query(copyFrom(`copy ${into} (v) from stdin (format binary)`));
    await pipeline(Readable.from([BINARY_HEADER, tuples]), sink);
  }

  /** What the type sends of the rows that came, or the SQLSTATE by which they are refused. */
  async function arrived(work: () => Promise<unknown>, send: string): Promise<unknown> {
    await client.query('begin');
    try {
      await work();
      // A vacuum frees room on earlier pages, so where a row lies tells nothing of when it came.
      const sql = `select encode(${send}(v), 'hex') as v from target order by 1`;
      return (await client.query<{ v: string }>(sql)).rows.map(({ v }) => v);
    } catch (error) {
      return (error as { code?: string }).code;
    } finally {
      await client.query('rollback');
    }
  }

  async function senderOf(table: string): Promise<string> {
    const { rows } = await client.query<{ send: string }>(
      `select t.typsend::regproc::text as send from pg_attribute a join pg_type t on t.oid = a.atttypid
       where a.attrelid = $1::regclass and a.attname = 'v'`,
      [table],
    );
    return rows[0]?.send ?? '';
  }

  function tuplesOf(target: TargetTable) {
    const mapping = resolveMapping({ table: target, columns: ['v'], first: { v: null } });
    const options = { table: target, mapping, lanes: 1 };
    const rules = { wanted: 'auto', readsBinary: true, goesStraight: () => true } as const;
    const layout = firstLayout(options, rules);
    const encoder = encoderFor(options, layout);
    const encoded = (values: readonly unknown[]) => {
      const bytes: Buffer[] = [];
      for (const v of values) {
        const row = encoder.encode({ v }, 1);
        if (!(row instanceof TupleRows)) throw new Error('tuples were expected');
        row.drain({ blocked: false, writeBytes: (part) => bytes.push(Buffer.from(part)) });
      }
      return Buffer.concat(bytes);
    };
    return { layout, encoded };
  }

  const cases = [...TYPE_CASES, ...MODIFIED].map((typeCase, i) => ({ ...typeCase, i }));

  it.each(cases)('is as through a temporary table: $type (case $i)', async ({ type, pairs }) => {
    await client.query('drop table if exists target');
    await client.query(`create table target (v ${type})`);
    const target = await readTarget(client, 'target');
    const { columns } = target;
    const { layout, encoded } = tuplesOf(target);
    expect(layout.format).toBe(TEXT_ONLY.has(type) ? 'csv' : 'tuples');
    if (layout.format !== 'tuples') return;
    const send = await senderOf('target');
    const many = fc.array(
      fc.oneof({ weight: 9, arbitrary: pairs }, fc.constant([null, null] as const)),
      {
        ...{ minLength: 1, maxLength: 3 },
      },
    );
    await fc.assert(
      fc.asyncProperty(many, async (sample) => {
        const tuples = written(() => encoded(sample.map(([given]) => given)));
        if (tuples === undefined) return;
        const straight = await arrived(() => copy('target', tuples), send);
        const staged = await arrived(async () => {
          const definitions = columnDefinitions({ columns, layout, asText: false });
          await client.query(`create temporary table opened (${definitions}) on commit drop`);
          await copy('pg_temp.opened', tuples);
          await client.query('insert into target (v) select s.v from pg_temp.opened s');
        }, send);
        expect(straight).toEqual(staged);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

/** Undefined where a value has to be staged as text, or is no value of the type. */
function written(encode: () => Buffer): Buffer | undefined {
  try {
    return encode();
  } catch (error) {
    const isRefused = (error as { code?: unknown }).code === 'RECORD_INVALID';
    if (error instanceof TextColumnNeededError || isRefused) return undefined;
    throw error;
  }
}
