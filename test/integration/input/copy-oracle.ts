/** COPY itself: what it makes of a text, or that it refuses it. */

import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { RelytError } from '../../../src/errors.ts';
import type { DelimitedReader } from '../../../src/input/delimited-reader.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';

type Row = readonly (string | null)[];

/** The rows, or that the text is refused. */
export type Outcome = readonly Row[] | 'refused';

/** A text, and the table with as many columns that it is for. */
export interface CopyCase {
  readonly bytes: Buffer;
  readonly columnCount: 1 | 2;
}

const SQLSTATES_OF_REFUSAL = new Set(['22P04', '22021']);

/** A suite on every server, whose connection has tables for COPY. */
export function describeCopy(
  title: string,
  suite: (given: { readonly name: string; readonly client: () => pg.ClientBase }) => void,
): void {
  for (const server of testStack().servers) {
    describe(`${title} on ${server.name}`, () => {
      let database: TestDatabase;
      let client: pg.PoolClient;
      beforeAll(async () => {
        database = await createTestDatabase(server);
        client = await database.pool.connect();
        await createCopyTables(client);
      });
      afterAll(async () => {
        client.release();
        await database.drop();
      });
      suite({ name: server.name, client: () => client });
    });
  }
}

/** The reader makes of each text what COPY makes of it; each of the two outcomes is there so many times at least. */
export async function expectSameOutcomes<C extends CopyCase>(
  cases: readonly C[],
  least: number,
  { copy, reader }: Readonly<Record<'copy' | 'reader', (each: C) => Promise<Outcome>>>,
): Promise<void> {
  let loaded = 0;
  let refused = 0;
  for (const each of cases) {
    const expected = await copy(each);
    const description = JSON.stringify({ ...each, bytes: each.bytes.toString() });
    expect(await reader(each), description).toEqual(expected);
    if (expected === 'refused') refused++;
    else if (expected.length > 0) loaded++;
  }
  // Or the comparison would say little.
  expect(Math.min(loaded, refused)).toBeGreaterThan(least);
}

/** They keep the order of their rows, and end with the connection. */
async function createCopyTables(client: pg.ClientBase): Promise<void> {
  const ordinal = 'ordinal int generated always as identity';
  await client.query(`create temp table copy_1 (${ordinal}, a text)`);
  await client.query(`create temp table copy_2 (${ordinal}, a text, b text)`);
}

/** @param options of COPY as SQL, without the encoding */
export async function copied(
  client: pg.ClientBase,
  { bytes, columnCount }: CopyCase,
  options: string,
): Promise<Outcome> {
  const table = `copy_${columnCount}`;
  const columns = columnCount === 1 ? 'a' : 'a, b';
  const sql = `copy ${table} (${columns}) from stdin (${options}, encoding 'UTF8')`;
  try {
    await finished(client.query(copyFrom(sql)).end(bytes));
  } catch (error) {
    if (error instanceof pg.DatabaseError && SQLSTATES_OF_REFUSAL.has(error.code ?? '')) {
      return 'refused';
    }
    throw error;
  }
  const query = { text: `select ${columns} from ${table} order by ordinal`, rowMode: 'array' };
  const { rows } = await client.query<(string | null)[]>(query as pg.QueryArrayConfig);
  await client.query(`delete from ${table}`);
  return rows;
}

/** What a reader makes of the text. */
export async function read(
  { bytes }: CopyCase,
  open: (chunks: AsyncIterable<Buffer>) => DelimitedReader,
): Promise<Outcome> {
  async function* inPieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
  }
  const rows: Row[] = [];
  try {
    for await (const batch of open(inPieces()).records) {
      rows.push(...batch.records.map((record) => record.fields));
    }
  } catch (error) {
    if (error instanceof RelytError && error.code === 'INPUT_MALFORMED') return 'refused';
    throw error;
  }
  return rows;
}
