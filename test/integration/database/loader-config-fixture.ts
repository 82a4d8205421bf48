/** What releases of the Go SDK have left in databases, for tests of the S3 settings. */

import { afterEach, beforeEach } from 'vitest';
import { Database } from '../../../src/database/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

export const SIX = `create type loader_s3_config as (
  endpoint text, region text, bucket_name text, prefix text, access_key text, secret_key text)`;
export const EIGHT = SIX.replace(/\)$/, ', concurrency int, part_size int)');
export const TEN = EIGHT.replace(/\)$/, ', import_timeout int, import_error_sleep_time int)');
export const VALUES = `'s3.example.com'::text, 'us-west-2'::text, 'landing'::text, 'import/data'::text,
  'AKOLD'::text, 'old-secret'::text`;
export const SETTINGS = {
  endpoint: 's3.example.com',
  region: 'us-west-2',
  bucket_name: 'landing',
  prefix: 'import/data',
  access_key: 'AKOLD',
  secret_key: 'old-secret',
};

export let database: TestDatabase;
const opened: Database[] = [];

/** A new database for each test of a file. */
export function aDatabaseForEachTest(): void {
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
    await database.drop();
  });
}

export function connect(url: string = database.url): Database {
  const connection = new Database(
    { connectionString: url },
    { connections: 2, applicationName: 'test' },
  );
  opened.push(connection);
  return connection;
}

export async function createFunction(schema: string, type: string, more = ''): Promise<void> {
  await database.query('create schema if not exists relyt_sys');
  await database.query(type);
  await database.query(`create function ${schema}.LOADER_CONFIG() returns loader_s3_config language sql immutable
    as $$ select ${VALUES}${more} $$`);
}

export async function createTable(rows: Record<string, string>): Promise<void> {
  await database.query('create schema if not exists relyt_sys');
  await database.query(
    'create table relyt_sys.SDK_LOADER_CONFIG (CONFIG_NAME text primary key, CONFIG_VALUE text)',
  );
  for (const row of Object.entries(rows))
    await database.query('insert into relyt_sys.sdk_loader_config values ($1, $2)', row);
}

export async function tableRows(): Promise<Record<string, string>> {
  const rows = await database.query<{ config_name: string; config_value: string }>(
    'select config_name, config_value from relyt_sys.sdk_loader_config',
  );
  return Object.fromEntries(rows.map((row) => [row.config_name, row.config_value]));
}
