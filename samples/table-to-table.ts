// From one database to another without losing a digit or a microsecond: values are read as the text that PostgreSQL
// writes, because a JavaScript Date ends at milliseconds and a number at 53 bits.
import assert from 'node:assert/strict';
import pg from 'pg';
import QueryStream from 'pg-query-stream';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query(
  `create table payment (id bigint, at timestamptz, amount numeric, details jsonb)`,
);
await database.query(`create table payment_copy (like payment)`);
await database.query(`insert into payment
  select 9007199254740993 + n, '2026-03-29 01:59:59.999999+01'::timestamptz + n * interval '1 microsecond',
         12345678901234567890.0123456789 + n, jsonb_build_object('n', n, 'exact', 0.1::numeric)
  from generate_series(1, 1000) n`);

const source = new pg.Client({ connectionString });
await source.connect();
// Every value as its text.
const types = { getTypeParser: () => (text: string) => text };
const rows = source.query(new QueryStream('select * from payment', [], { types }));

await using processor = await BulkProcessor.create({
  postgresql: { connectionString, table: 'payment_copy' },
});
await processor.insert(rows);
await processor.shutdown();
await source.end();

const { rows: different } = await database.query(
  '(table payment except table payment_copy) union all (table payment_copy except table payment)',
);
assert.deepEqual(different, []);
await database.end();
