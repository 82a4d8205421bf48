// Whole loads by the engine aws-s3: what the role needs for them, and what nobody sees of the keys.

import { inspect } from 'node:util';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import {
  explainEverything,
  grantAwsS3,
  installAwsS3Emulation,
} from '../../support/aws-s3-emulation.ts';
import type { TestRole } from '../../support/database.ts';
import {
  createLoaderRole,
  failureOf,
  generate,
  type LoadingWay,
  type TestTarget,
  targetsOn,
} from '../../support/loading.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { testStack, watchLog } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });

const byAwsS3: LoadingWay = {
  s3: testStack().s3,
  prefix: '',
  prepared: 'other',
  configure: (config) => ({
    ...config,
    engine: 'aws-s3',
    awsS3: { endpointUrl: testStack().s3.endpoint, ...config.awsS3 },
  }),
  prepare: (database) => installAwsS3Emulation(database, { endpoint: testStack().s3.endpoint }),
};

/** A role that may load into the table, but not call the extension yet. */
async function tableRole(target: TestTarget): Promise<TestRole> {
  const role = await createLoaderRole(target, { logStatements: true });
  const name = pg.escapeIdentifier(role.name);
  await target.database.query(`grant select, insert, update on ${target.sql} to ${name}`);
  return role;
}

function expectNoSecret(text: string): void {
  expect(text).not.toContain(testStack().s3.secretKey);
  expect(text).not.toMatch(/X-Amz-(Signature|Credential)/i);
}

describe.each(testStack().servers)('loads through aws_s3 on $name', (server) => {
  const makeTarget = targetsOn(server, byAwsS3);

  test.each(['none', 'gzip'] as const)(
    'bring everything in, with compression %s (G1)',
    async (compression) => {
      const target = await makeTarget('id int primary key, v text');
      const role = await tableRole(target);
      await grantAwsS3(target.database, role.name);
      const options = { url: role.url, batchSize: 1000, compression };
      await target.load(generate(3500, record), options);
      await target.load(
        generate(10, (n) => ({ id: n, v: 'new' })),
        options,
      );
      expect(await target.count()).toBe(3500);
      const changed = await target.rows<{ v: string }>(`v`, 'id');
      expect(changed.slice(9, 11)).toEqual([{ v: 'new' }, { v: 'value 10' }]);
    },
  );

  test('keep the records that the database refuses (G2)', async () => {
    const target = await makeTarget('id int primary key, v text check (v <> $$value 7$$)');
    const processId = await target.load(generate(20, record), { maxErrorRecords: 1 });
    expect(await target.count()).toBe(19);
    const rejected = await target.database.query(
      'select record_ordinal::int as ordinal, code from relyt_sys.relyt_loader_reject where process_id = $1',
      [processId],
    );
    expect(rejected).toEqual([{ ordinal: 8, code: '23514' }]);
  });

  test('say what a role lacks, and how it is granted (G8)', async () => {
    const target = await makeTarget('id int primary key, v text');
    const role = await tableRole(target);
    const failure = await failureOf(target.load([record(1)], { url: role.url }));
    expect(failure.code).toBe('DATABASE_PERMISSION_DENIED');
    expect(failure.message).toContain('aws_s3.table_import_from_s3');
    // The hint itself is run, as an administrator would.
    const statements = failure.hint.slice(failure.hint.indexOf('GRANT'));
    expect(statements).toContain(`TO ${role.name};`);
    await target.database.query(statements);
    await target.load([record(1)], { url: role.url });
    expect(await target.count()).toBe(1);
  });

  test('show the secret to nobody, while they work (G7)', async () => {
    const target = await makeTarget('id int primary key, v text');
    const role = await tableRole(target);
    await grantAwsS3(target.database, role.name);
    await explainEverything(target.database, role);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    const activity: Promise<{ query: string }[]>[] = [];
    proxy.faultOf = () => {
      activity.push(target.database.query<{ query: string }>('select query from pg_stat_activity'));
      return undefined;
    };
    const written = watchLog(server);
    const options = { url: role.url, awsS3: { endpointUrl: proxy.endpoint } };
    await target.load(generate(100, record), options);
    const queries = (await Promise.all(activity)).flat().map(({ query }) => query);
    expect(queries.join('\n')).toContain('table_import_from_s3');
    expectNoSecret(queries.join('\n'));
    const log = written();
    expect(log).toContain('relyt_loader_keys');
    expect(log).toContain('Query Text: select aws_s3.table_import_from_s3');
    expectNoSecret(log);
  });
});

describe.each(testStack().servers)('without the extension on $name', (server) => {
  const makeTarget = targetsOn(server, { ...byAwsS3, prepare: async () => undefined });

  test('a load says how it is installed (G8)', async () => {
    const target = await makeTarget('id int primary key, v text');
    const failure = await failureOf(target.load([record(1)]));
    expect(failure.code).toBe('ENGINE_UNSUPPORTED');
    expect(failure.hint).toContain('CREATE EXTENSION aws_s3 CASCADE');
    expectNoSecret(inspect(failure, { depth: 20, showHidden: true }));
  });
});
