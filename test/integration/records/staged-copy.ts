/** Feeds staged lines to COPY, as the engines do in their own ways. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { TargetTable } from '../../../src/core/target-table.ts';
import { readTargetTable } from '../../../src/database/catalogue.ts';
import type { Statement } from '../../../src/database/statement.ts';
import { createRecordEncoder } from '../../../src/records/encoder.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import type { RecordEncoder } from '../../../src/records/record-encoder.ts';

export async function readTarget(client: pg.Client, table: string): Promise<TargetTable> {
  const query = async <Row extends object>({ text, values = [] }: Statement): Promise<Row[]> =>
    (await client.query(text, [...values])).rows as Row[];
  return readTargetTable({ query }, { schema: 'public', table });
}

/** An encoder for the column `v` alone. */
export function valueEncoder(table: TargetTable): RecordEncoder<string> {
  const mapping = resolveMapping({ table, columns: ['v'], first: { v: null } });
  return createRecordEncoder({ table, mapping, lanes: 1 });
}

/** Loads lines of `ordinal, v` into the columns n and v. */
export async function copyLines(client: pg.Client, table: string, lines: readonly string[]) {
  const sink = client.query(copyFrom(`copy ${table} (n, v) from stdin (format csv)`));
  await pipeline(Readable.from([lines.join('')], { objectMode: false }), sink);
}
