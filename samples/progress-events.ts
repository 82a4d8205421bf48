// What a running task tells: an event per staged file and per import, and its progress at any time.
import assert from 'node:assert/strict';
import pg from 'pg';
import { BulkProcessor } from 'relyt-sdk';

const connectionString = process.env.DATABASE_URL;
const database = new pg.Client({ connectionString });
await database.connect();
await database.query('create table visit (id bigint primary key, page text)');

const processor = await BulkProcessor.create({
  postgresql: { connectionString, table: 'visit' },
  batchSize: 1_000, // records of a staged file
  batchImportSize: 2, // files of an import
});
let frozen = 0;
let imported = 0;
processor.on('fileFrozen', (file) => {
  frozen += file.records;
});
processor.on('imported', ({ importId, fileIds, counts, seconds }) => {
  imported += counts.inserted;
  console.log(`import ${importId}: ${fileIds.length} files in ${seconds.toFixed(2)} s`);
});
let told = 0;
processor.on('progress', (progress) => {
  told = progress.received; // about once a second, and when the task has ended
});
processor.on('warning', (error) => console.warn(error.message));
processor.on('failed', (error) => console.error(error.code, error.message, error.hint));

await processor.insert(Array.from({ length: 5_000 }, (_, id) => ({ id, page: `/page/${id}` })));
await processor.flush(); // everything so far is imported; more records may follow

const { received, rejected, filesImported, rows } = processor.progress();
assert.deepEqual({ received, rejected }, { received: 5_000, rejected: 0 });
assert.equal(filesImported, 5);
assert.deepEqual(rows, { inserted: 5_000, updated: 0, skipped: 0, superseded: 0, rejected: 0 });
assert.deepEqual({ frozen, imported }, { frozen: 5_000, imported: 5_000 });

await processor.shutdown();
assert.equal(told, 5_000);
const { rows: tasks } = await database.query(
  `select status, files_total, files_imported, error_records
   from relyt_sys.relyt_loader_checkpoint where process_id = $1`,
  [processor.processId],
);
assert.deepEqual(tasks, [
  { status: 'COMPLETED', files_total: 5, files_imported: 5, error_records: 0 },
]);

await database.end();
