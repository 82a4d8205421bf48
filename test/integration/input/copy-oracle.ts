/** COPY itself: what it makes of a text, or that it refuses it. */

import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { RelytError } from '../../../src/errors.ts';
import type { DelimitedReader } from '../../../src/input/delimited-reader.ts';

type Row = readonly (string | null)[];

/** The rows, or that the text is refused. */
export type Outcome = readonly Row[] | 'refused';

/** A text, and the table with as many columns that it is for. */
export interface CopyCase {
  readonly bytes: Buffer;
  readonly columnCount: 1 | 2;
}

const SQLSTATES_OF_REFUSAL = new Set(['22P04', '22021']);

/** Tables that keep the order of their rows; they end with the connection. */
export async function createCopyTables(client: pg.ClientBase): Promise<void> {
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
