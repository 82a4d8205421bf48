// A table with a primary key: the record inserted last wins, or with onConflict 'nothing' the first one.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table price (article text primary key, cents int not null)');
await database.query(`insert into price values ('bread', 100)`);

async function load(onConflict: 'update' | 'nothing', records: readonly object[]) {
  const processor = await BulkProcessor.create({
    postgresql: { connectionString, table: 'price' },
    onConflict,
  });
  await processor.insert(records);
  await processor.shutdown();
  return processor.progress().rows;
}

async function prices(): Promise<Record<string, number>> {
  const { rows } = await database.query('select article, cents from price');
  return Object.fromEntries(rows.map((row) => [row.article, row.cents]));
}

const updated = await load('update', [
  { article: 'bread', cents: 120 },
  { article: 'milk', cents: 80 },
  { article: 'bread', cents: 130 },
]);
assert.deepEqual(await prices(), { bread: 130, milk: 80 });
assert.deepEqual(updated, { inserted: 1, updated: 1, skipped: 0, superseded: 1, rejected: 0 });

const kept = await load('nothing', [
  { article: 'milk', cents: 1 },
  { article: 'salt', cents: 40 },
  { article: 'salt', cents: 50 },
]);
assert.deepEqual(await prices(), { bread: 130, milk: 80, salt: 40 });
assert.deepEqual(kept, { inserted: 1, updated: 0, skipped: 1, superseded: 1, rejected: 0 });

await database.end();
