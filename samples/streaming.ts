// Any source that streams: the pipeline waits while the loader is behind, and ends when all is imported.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table square (n bigint primary key, square numeric not null)');

async function* squares(count: bigint) {
  for (let n = 1n; n <= count; n++) yield { n, square: n * n };
}

// Leaving this block early, by an error of the source for example, aborts the task.
{
  await using processor = await BulkProcessor.create({
    postgresql: { connectionString, table: 'square' },
    batchSize: 4_000,
    compression: 'gzip',
  });
  await pipeline(Readable.from(squares(10_000n)), processor.writable());
  await processor.shutdown();
  assert.equal(processor.progress().imported, 10_000);
}

// insert() takes an async iterable as well, which saves the streams.
{
  await using processor = await BulkProcessor.create({
    postgresql: { connectionString, table: 'square' },
  });
  await processor.insert(squares(10_001n));
  await processor.shutdown();
}

const { rows } = await database.query(
  'select count(*)::int as count, max(square)::text as largest from square',
);
assert.deepEqual(rows, [{ count: 10_001, largest: '100020001' }]);

await database.end();
