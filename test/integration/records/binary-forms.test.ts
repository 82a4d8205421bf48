import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceRows, sourceText } from '../../../src/applying/source-rows.ts';
import { typedValue } from '../../../src/applying/text-rows.ts';
import type { Layout } from '../../../src/core/layout.ts';
import type { TargetTable } from '../../../src/core/target-table.ts';
import { BINARY_HEADER } from '../../../src/engines/binary-header.ts';
import { columnDefinitions } from '../../../src/engines/column-definitions.ts';
import { encoderFor, firstLayout, withTextColumn } from '../../../src/records/layout-choice.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { TextColumnNeededError } from '../../../src/records/record-check.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testStack } from '../../support/stack.ts';
import { copyLines, readTarget, valueEncoder } from './staged-copy.ts';
import { type Pair, TEXT_ONLY, TYPE_SETUP, typeCasesOn } from './type-cases.ts';

/** Where a value has no binary form beside others of the case that have one. */
const MIXED = ['2024-02-29', '2024-02-29 13:45:00.5', '2024-02-29T13:45:00Z', '13:45:00'];

describe.each(testStack().servers)('binary staged for $name (G4)', (server) => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase(server);
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    for (const statement of TYPE_SETUP) await client.query(statement);
    await client.query("set timezone to 'Asia/Kolkata'");
  });

  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  async function createTables(type: string): Promise<TargetTable> {
    await client.query('drop table if exists staged, bound');
    await client.query(`create table staged (n bigint, v ${type})`);
    await client.query(`create table bound (n bigint, v ${type})`);
    return readTarget(client, 'staged');
  }

  /** The bytes that the type itself sends. */
  async function sent(table: string): Promise<unknown[]> {
    const { rows } = await client.query<{ send: string }>(
      `select t.typsend::regproc::text as send from pg_attribute a join pg_type t on t.oid = a.atttypid
       where a.attrelid = $1::regclass and a.attname = 'v'`,
      [table],
    );
    const result = await client.query(
      `select n, encode(${rows[0]?.send}(v), 'hex') as v from ${table} order by n`,
    );
    return result.rows;
  }

  /** Brings tuples into `bound` as an import does, plain or from the text of an isolation. */
  async function importTuples(target: TargetTable, bytes: Buffer, layout: Layout, asText: boolean) {
    const columns = target.columns.filter(({ name }) => name === 'v');
    await client.query(
      `create temporary table opened (${columnDefinitions({ columns, layout, asText })})`,
    );
    const copy = copyFrom('copy pg_temp.opened from stdin (format binary)');
    await pipeline(Readable.from([BINARY_HEADER, bytes]), client.query(copy));
    const opened = { relation: 'pg_temp.opened', layout, columns };
    const rows = asText ? sourceText(opened) : sourceRows(opened);
    const [column] = columns;
    const value = asText && column !== undefined ? typedValue(column) : 's.v';
    await client.query(
      `insert into bound (n, v) select s."relyt ordinal", ${value} from ${rows} s`,
    );
    await client.query('drop table pg_temp.opened');
  }

  /** Returns how many of the values were written in their binary form. */
  async function load(target: TargetTable, values: readonly unknown[], asText: boolean) {
    const mapping = resolveMapping({ table: target, columns: ['v'], first: { v: null } });
    const options = { table: target, mapping, lanes: 1 };
    const first = firstLayout(options, { wanted: 'binary', readsBinary: true });
    const native = encoderFor(options, first);
    const text = encoderFor(options, withTextColumn(first, 0));
    const written = new Map([native, text].map((encoder) => [encoder, [] as Buffer[]]));
    const isNative = first.format === 'binary' && first.forms[0] === 'native';
    let natives = 0;
    for (const [i, v] of values.entries()) {
      const encoder = hasForm(() => native.encode({ v }, i + 1), written.get(native))
        ? native
        : text;
      if (encoder === native && isNative && v !== null) natives += 1;
      if (encoder === text) hasForm(() => text.encode({ v }, i + 1), written.get(text));
    }
    for (const [encoder, bytes] of written) {
      await importTuples(target, Buffer.concat(bytes), encoder.layout, asText);
    }
    return natives;
  }

  it.each(typeCasesOn(server).map((typeCase, i) => ({ ...typeCase, i })))(
    'is equal to the byte to CSV of the same values: $type (case $i)',
    async ({ type, pairs }) => {
      const target = await createTables(type);
      const lines = valueEncoder(target);
      const nothing = fc.constant<Pair>([null, null]);
      const many = fc.array(fc.oneof({ weight: 9, arbitrary: pairs }, nothing), {
        minLength: 1,
        maxLength: 100,
        size: 'max',
      });
      let natives = 0;
      await fc.assert(
        fc.asyncProperty(many, fc.boolean(), async (sample, asText) => {
          const values = sample.map(([given]) => given);
          await client.query('truncate staged, bound');
          await copyLines(
            client,
            'staged',
            values.map((v, i) => lines.encode({ v }, i + 1)),
          );
          natives += await load(target, values, asText);
          expect(await sent('bound')).toEqual(await sent('staged'));
        }),
        { numRuns: 8, endOnFailure: true },
      );
      expect(natives > 0).toBe(!TEXT_ONLY.has(type));
    },
  );

  it.each(['date', 'time', 'timestamp', 'timestamptz'])(
    'reads a text of %s itself only where no session could read it otherwise',
    async (type) => {
      const target = await createTables(type);
      const lines = valueEncoder(target);
      const odd = [
        'infinity',
        'epoch',
        '2024-W01',
        '24:00:00',
        '2024-02-29 23:59:60',
        '0099-01-01',
      ];
      const zoned = ['2024-02-29 13:45+02', '2024-02-29 13:45:00.1234567+05:30', '12:00:00+03'];
      for (const v of [...MIXED, ...odd, ...zoned]) {
        await client.query('truncate staged, bound');
        const accepted = await copyLines(client, 'staged', [lines.encode({ v }, 1)]).then(
          () => true,
          () => false,
        );
        const loaded = await load(target, [v], false).then(
          () => true,
          () => false,
        );
        await client.query('drop table if exists pg_temp.opened');
        expect({ v, loaded }).toEqual({ v, loaded: accepted });
        expect(await sent('bound')).toEqual(await sent('staged'));
      }
    },
  );
});

/** Whether the value could be encoded; its bytes are kept then. */
function hasForm(encode: () => unknown, kept: Buffer[] | undefined): boolean {
  try {
    const row = encode() as {
      drain(sink: { blocked: boolean; writeBytes(bytes: Buffer): void }): void;
    };
    row.drain({ blocked: false, writeBytes: (bytes) => kept?.push(Buffer.from(bytes)) });
    return true;
  } catch (error) {
    if (error instanceof TextColumnNeededError) return false;
    throw error;
  }
}
