// A program that can be run again: it creates its task, resumes it, or finds that it is complete.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table reading (day date, number int)'); // no key that would hide a duplicate

const readings = Array.from({ length: 3_000 }, (_, number) => ({ day: '2026-11-29', number }));

/** Loads the readings of a day, or what is missing of them; says what it found. */
async function loadDay(day: string, end: number): Promise<string> {
  const config = { postgresql: { connectionString, table: 'reading' } };
  const opened = await BulkProcessor.open(day, config, { waitSeconds: 60 });
  if (opened.state === 'complete') return opened.state;
  const { processor } = opened;
  const start = typeof processor.position === 'number' ? processor.position : 0;
  for (let at = start; at < end; at += 1_000) {
    await processor.insert(readings.slice(at, at + 1_000), { position: at + 1_000 });
  }
  if (end < readings.length) await processor.suspend('the machine goes down');
  else await processor.shutdown();
  return opened.state;
}

assert.equal(await loadDay('2026-11-29', 2_000), 'created');
assert.equal(await loadDay('2026-11-29', readings.length), 'resumed');
assert.equal(await loadDay('2026-11-29', readings.length), 'complete');

const { rows } = await database.query(
  'select count(*)::int as count, count(distinct number)::int as numbers from reading',
);
assert.deepEqual(rows, [{ count: 3_000, numbers: 3_000 }]);

await database.end();
