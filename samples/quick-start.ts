// The example of the README: two records into a new table.
// #region
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table city (id int primary key, name text, mayor text, since date)');

const processor = await BulkProcessor.create({ postgresql: { connectionString, table: 'city' } });
await processor.insert([
  { id: 1, name: 'Zürich', mayor: null, since: '1853-01-01' },
  { id: 2, name: 'Osaka', mayor: '', since: new Date('1889-04-01') },
]);
await processor.shutdown(); // both records are in the table now, exactly once

console.log((await database.query('select * from city order by id')).rows);
await database.end();
// #endregion
