// `relyt doctor` tries everything a load needs, says what to do about what fails, and leaves nothing behind (G7, G8).

import { describe, expect, test } from 'vitest';
import { uniquePrefix } from '../../support/bucket.ts';
import { createRole, createTestDatabase } from '../../support/database.ts';
import { targetsOn } from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import {
  examined,
  expectNoSecret,
  prepared,
  STEPS,
  step,
  stepsOf,
  traceless,
  traces,
} from './examination.ts';
import { relyt, s3Environment } from './relyt.ts';
import { environmentOf, relytOn } from './relyt-on.ts';

describe.each(testStack().servers)('relyt doctor on $name', (server) => {
  const makeTarget = targetsOn(server);

  test.each(['postgres', 'copy'])('finds everything well with the engine %s', async (engine) => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const args = ['--engine', engine, '--table', `public.${target.table}`];
    const report = await traceless(target, environmentOf(target), ...args);
    expect(stepsOf(report, 'ok')).toEqual(STEPS);
    expect(report.ok).toBe(true);
    expect(step(report, 'engine')?.message).toContain(
      `${engine}, for PostgreSQL ${server.name.slice(-2)}.`,
    );
    expect(step(report, 'probe load')?.message).toMatch(/^\d\d records of every difficult kind/);
    expect(report.recommendations.map(({ about }) => about)).toEqual(
      expect.arrayContaining(['files', 'concurrency', 'bucket', 'engine']),
    );
  });

  test('a role with the rights of a loader, and none to create tables, gets all of it', async () => {
    const target = await makeTarget('id int primary key, v text');
    await target.load([]);
    const role = await createRole(target.database, 'loader');
    const env = { ...environmentOf(target), DATABASE_URL: role.url };
    await relytOn(target, 'init', '--role', role.name);
    await target.database.query(`grant insert, select, update on ${target.sql} to ${role.name}`);
    const report = await traceless(target, env, '--table', target.table);
    expect(stepsOf(report, 'ok')).toEqual(STEPS);
  });

  test('a schema that is missing is said, and not installed', async () => {
    await using database = await createTestDatabase(server);
    const prefix = uniquePrefix();
    const env = { DATABASE_URL: database.url, ...s3Environment(prefix) };
    const before = await traces(database, prefix);
    const report = await examined(env);
    expect(await traces(database, prefix)).toEqual(before);
    expect(stepsOf(report, 'failed')).toEqual(['schema']);
    expect(stepsOf(report, 'skipped')).toEqual(['rights', 'table', 'access to S3', 'probe load']);
    expect(step(report, 'schema')).toMatchObject({
      code: 'SCHEMA_MISSING',
      message: expect.stringContaining('bookkeeping'),
      todo: expect.stringContaining('relyt init'),
    });
  });
});

describe('relyt doctor for a person', () => {
  const makeTarget = targetsOn(defaultServer());

  test('for a person: a sign for each step, what to do below it, advice at the end', async () => {
    const target = await prepared(makeTarget);
    const env = { ...environmentOf(target), RELYT_S3_BUCKET: 'no-such-bucket' };
    const result = await relyt(['doctor'], { env });
    expect(result).toMatchObject({ code: 1, stderr: '' });
    expect(result.stdout).toMatch(
      /^✓ connection {8}\S+ at 127\.0\.0\.1:\d+, database \S+, no TLS\n✓ engine /,
    );
    expect(result.stdout).toMatch(
      /\n✗ bucket: write {5}S3 PutObject [\s\S]+?\n {20}→ Create the bucket, /,
    );
    expect(result.stdout).toMatch(/\n– bucket: list {6}needs the bucket\n/);
    expect(result.stdout).toMatch(/\n1 of 15 steps failed\.\n\nRecommended:\n {2}files /);
    expectNoSecret(result);
  });
});
