// G7: keys, settings and URLs travel as COPY data. Whatever is wrong with a line or a value, or interrupts its COPY, the
// server names it with its first characters, in the error and in its log: these are never of a secret.

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CSV } from '../../../src/core/layout.ts';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import { Database } from '../../../src/database/database.ts';
import { writeLoaderConfig } from '../../../src/database/loader-config.ts';
import type { Transaction } from '../../../src/database/session.ts';
import type { Statement } from '../../../src/database/statement.ts';
import { AwsS3Engine } from '../../../src/engines/aws-s3.ts';
import type { ExternalFiles, S3Context } from '../../../src/engines/engine.ts';
import { PostgresEngine } from '../../../src/engines/postgres.ts';
import { RelytEngine } from '../../../src/engines/relyt.ts';
import { S3ObjectStore } from '../../../src/staging/s3-object-store.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { defaultServer, watchLog } from '../../support/stack.ts';
import { targetColumn, targetTable } from '../../unit/records/target-fixture.ts';

const secretKey = `secretkey${randomBytes(12).toString('hex')}`;
const raw = {
  ...{ endpoint: 'https://s3.example', region: 'us-east-1', bucket_name: 'bucket' },
  ...{ access_key: 'AKIA0SECRET0ID', secret_key: secretKey },
};
const s3 = normalizeS3Settings(raw, 'the test');
const withToken = normalizeS3Settings({ ...raw, session_token: `token${secretKey}` }, 'the test');
const SECRETS = [secretKey.slice(0, 12), 'AKIA0SECRET0ID', 'X-Amz-Signature', 'X-Amz-Credential'];

/** What travelled, and the table that took it. */
interface Copied {
  readonly create: string;
  readonly copy: string;
  readonly data: string;
}

/** A server that says yes to everything and remembers what it was given. */
function recorder(records: number) {
  const copied: Copied[] = [];
  let create = '';
  const note = ({ name, text }: Statement) => {
    if (name.startsWith('create')) create = text;
  };
  const transaction: Transaction = {
    async query<Row extends object>(statement: Statement): Promise<Row[]> {
      note(statement);
      const row: object = { said: String(records), records, ordinals: null };
      return [row as Row];
    },
    async execute(statement) {
      note(statement);
      return 1;
    },
    async copyIn({ text }, data) {
      copied.push({ create, copy: text, data: String(data) });
      return 1;
    },
  };
  return { copied, transaction };
}

const columns = [targetColumn('id', 'int8')];
const files: ExternalFiles = {
  name: 'x',
  table: targetTable(columns),
  columns,
  files: [{ key: '2026-11-29/0-0-0/f/file-000001-e1.csv', records: 1 }],
  ...{ gzip: false, layout: CSV, asText: false, timeLimitSeconds: 60 },
  signal: new AbortController().signal,
};

function context(settings: S3Context['s3'], objects: S3ObjectStore): S3Context {
  return { s3: settings, objects, options: { greenplum: {}, awsS3: {} } };
}

/** As `relyt_loader_open` makes it. */
const URL_TABLE =
  'create temporary table relyt_loader_url (n int, etag text, stored_bytes int8, url text)';

async function everyCopy(): Promise<Copied[]> {
  const store = new S3ObjectStore(s3);
  const { copied, transaction } = recorder(1);
  try {
    await new AwsS3Engine(context({ ...s3, isAws: true }, store)).open(transaction, files);
    await new AwsS3Engine(context({ ...withToken, isAws: true }, store)).open(transaction, files);
    await new RelytEngine(context(s3, store)).open(transaction, files);
    await new PostgresEngine(context(s3, store)).open(transaction, files);
  } finally {
    store.close();
  }
  const given = recorder(1);
  const standIn = { transaction: (work: (t: Transaction) => unknown) => work(given.transaction) };
  await writeLoaderConfig(standIn as unknown as Database, { settings: raw, roles: [] });
  return [...copied, ...given.copied].map((one) =>
    one.copy.includes('relyt_loader_url') ? { ...one, create: URL_TABLE } : one,
  );
}

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(defaultServer());
});
afterAll(() => database.drop());

/** Has the server say something while it stands at each line, and at each value: that it does not take it. */
async function whatIsSaid({ create, copy, data }: Copied): Promise<string[]> {
  const columnsOf = (text: string) =>
    [...(/\((.*)\)/s.exec(text)?.[1] ?? '').matchAll(/(\w+) \w+/g)].map(([, name]) => name ?? '');
  const texts: string[] = [];
  for (const refusing of [undefined, ...columnsOf(create)]) {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query("set client_min_messages = 'debug5'");
      client.on('notice', (notice) => texts.push(`${notice.message} ${notice.where}`));
      await client.query(create.replace(/\son commit drop/, ''));
      const table = /(?:table|copy) (?:pg_temp\.)?(\w+)/.exec(copy)?.[1] ?? '';
      const change =
        refusing === undefined
          ? 'add column one_more text not null'
          : `alter column ${refusing} type refusing using null`;
      await client.query(`alter table pg_temp.${table} ${change}`);
      // A list of columns would leave the new one out.
      const all = refusing === undefined ? copy.replace(/ \((?!format).*?\) from/, ' from') : copy;
      const stream = client.query(copyFrom(all));
      const failure = await new Promise<pg.DatabaseError | undefined>((resolve) => {
        stream.on('error', (error) => resolve(error as pg.DatabaseError));
        stream.on('finish', () => resolve(undefined));
        stream.end(data);
      });
      expect(failure?.where).toMatch(/^COPY \w+, line 1/m);
      texts.push(`${failure?.message} ${failure?.detail} ${failure?.where}`);
    } finally {
      await client.end();
    }
  }
  return texts;
}

test('no line and no value begins with a secret (G7)', async () => {
  await database.query(`create function refuses(text) returns boolean language plpgsql
    as $$ begin raise exception 'refused'; end $$`);
  await database.query('create domain refusing as text check (refuses(value))');
  const logged = watchLog(defaultServer());
  const copies = await everyCopy();
  expect(copies.map(({ copy }) => /relyt_loader_\w+/.exec(copy)?.[0])).toEqual([
    'relyt_loader_keys',
    'relyt_loader_keys',
    'relyt_loader_location',
    'relyt_loader_url',
    'relyt_loader_settings',
  ]);
  for (const copied of copies) {
    // All of it is there, behind what is shown.
    expect(SECRETS.some((secret) => copied.data.includes(secret))).toBe(true);
    const said = await whatIsSaid(copied);
    expect(said.length).toBeGreaterThan(1);
    for (const text of said) for (const secret of SECRETS) expect(text).not.toContain(secret);
  }
  const log = logged();
  expect(log).toContain('CONTEXT:  COPY relyt_loader_keys, line 1');
  for (const secret of SECRETS) expect(log).not.toContain(secret);
});

test('G1: what is stored is what was given, without its padding', async () => {
  const session = new Database(
    { connectionString: database.url },
    { connections: 1, applicationName: 'x' },
  );
  try {
    await database.query('create schema relyt_sys');
    await database.query(
      'create table relyt_sys.sdk_loader_config (config_name text primary key, config_value text)',
    );
    const settings = { ...raw, secret_key: `a\tb\\c\n${secretKey}` };
    await writeLoaderConfig(session, { settings, roles: [] });
    const stored = await database.query<{ name: string; value: string }>(
      'select config_name as name, config_value as value from relyt_sys.sdk_loader_config',
    );
    expect(Object.fromEntries(stored.map(({ name, value }) => [name, value]))).toEqual(settings);
  } finally {
    await session.close();
  }
});
