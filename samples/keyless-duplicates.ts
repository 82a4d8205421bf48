// A table without a primary key keeps every record, equal ones included, each exactly once.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table click (page text, seconds real)');

const processor = await BulkProcessor.create({
  postgresql: { connectionString, table: 'click' },
  concurrency: 4, // without a key the order of imports does not matter
});
const click = { page: '/start', seconds: 0.5 };
await processor.insert([click, click, { page: '/end', seconds: null }, click]);
await processor.shutdown();

const { rows } = await database.query(
  'select page, count(*)::int as clicks from click group by page order by page',
);
assert.deepEqual(rows, [
  { page: '/end', clicks: 1 },
  { page: '/start', clicks: 3 },
]);

await database.end();
