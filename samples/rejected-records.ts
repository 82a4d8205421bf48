// Records a column cannot hold: up to maxErrorRecords of them are kept aside, one more ends the task.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor, RelytError } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table reading (sensor int not null, value smallint)');

const readings = [
  { sensor: 1, value: 20 },
  { sensor: 2, value: 40_000 }, // too large for smallint
  { sensor: 3, value: 22 },
];

const tolerant = await BulkProcessor.create({
  postgresql: { connectionString, table: 'reading' },
  maxErrorRecords: 1,
});
tolerant.on('recordRejected', ({ record, error }) => console.warn(record, error.message));
await tolerant.insert(readings);
await tolerant.shutdown();

const loaded = await database.query('select sensor from reading order by sensor');
assert.deepEqual(loaded.rows, [{ sensor: 1 }, { sensor: 3 }]);
const { rows: rejects } = await database.query(
  `select record_ordinal::int as ordinal, stage, code, column_name, record
   from relyt_sys.relyt_loader_reject where process_id = $1`,
  [tolerant.processId],
);
assert.deepEqual(rejects, [
  {
    ordinal: 2,
    stage: 'encode',
    code: 'RECORD_INVALID',
    column_name: 'value',
    record: { sensor: 2, value: 40_000 },
  },
]);

// Without maxErrorRecords no record may be rejected: the error names the record and the column.
const strict = await BulkProcessor.create({ postgresql: { connectionString, table: 'reading' } });
const failure = await strict.insert(readings).catch((error: unknown) => error);
assert.ok(failure instanceof RelytError);
assert.equal(failure.code, 'RECORD_INVALID');
assert.equal(failure.details.record, 2);
assert.equal(failure.details.column, 'value');
await strict.abort();

await database.end();
