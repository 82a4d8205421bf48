// Records whose properties are not called like the columns.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor, column } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query(
  `create table account (
     account_id bigint primary key,
     "Full Name" text not null,
     created_at timestamptz default '2001-01-01T00:00:00Z'
   )`,
);

async function load(
  records: readonly object[],
  columns?: readonly string[] | Record<string, string | number>,
) {
  const processor = await BulkProcessor.create({
    postgresql: { connectionString, table: 'account' },
    ...(columns === undefined ? {} : { columns: Array.isArray(columns) ? [...columns] : columns }),
  });
  await processor.insert(records);
  await processor.shutdown();
}

// Column → property; other properties are left out. A column that is not named gets its default.
await load([{ id: 1, name: 'Ada', note: 'not loaded' }], { account_id: 'id', 'Full Name': 'name' });

// Column → index, for records that are arrays.
await load([[2, 'Grace']], { account_id: 0, 'Full Name': 1 });

// A class says it once, for all of its records.
class Account {
  @column('account_id') id: bigint;
  @column('Full Name') name: string;
  @column('created_at') createdAt = new Date('2026-01-01T00:00:00Z');
  session = 'not loaded';

  constructor(id: bigint, name: string) {
    this.id = id;
    this.name = name;
  }
}
await load([new Account(3n, 'Edsger')]);

const { rows } = await database.query(
  'select account_id::int as id, "Full Name" as name, created_at from account order by 1',
);
assert.deepEqual(rows, [
  { id: 1, name: 'Ada', created_at: new Date('2001-01-01T00:00:00Z') },
  { id: 2, name: 'Grace', created_at: new Date('2001-01-01T00:00:00Z') },
  { id: 3, name: 'Edsger', created_at: new Date('2026-01-01T00:00:00Z') },
]);

await database.end();
