// A process stops in the middle of its source; the next one takes the task over and goes on where it is safe.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table message (topic text, number int)'); // no key that would hide a duplicate

const messages = Array.from({ length: 5_000 }, (_, index) => ({ topic: 'news', number: index }));
const config = { postgresql: { connectionString, table: 'message' }, source: 'the topic news' };

/** Loads from the position of the task on; a position is any JSON value that the source understands. */
async function load(processor: BulkProcessor, end: number): Promise<void> {
  const start = typeof processor.position === 'number' ? processor.position : 0;
  for (let at = start; at < end; at += 1_000) {
    await processor.insert(messages.slice(at, at + 1_000), { position: at + 1_000 });
  }
}

const first = await BulkProcessor.create(config);
await load(first, 3_000);
await first.suspend('the machine goes down'); // a crash leaves the task resumable just as well

const second = await BulkProcessor.resume(first.processId, config);
assert.equal(second.position, 3_000);
await load(second, messages.length);
await second.shutdown();

const { rows } = await database.query(
  'select count(*)::int as count, count(distinct number)::int as numbers from message',
);
assert.deepEqual(rows, [{ count: 5_000, numbers: 5_000 }]);

await database.end();
