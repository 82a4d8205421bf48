// What `relyt doctor` says of a database, a role or S3 settings that do not do.

import { describe, expect, test } from 'vitest';
import { createRole } from '../../support/database.ts';
import { targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { examined, prepared, STEPS, step, stepsOf, traceless } from './examination.ts';
import { environmentOf, relytOn } from './relyt-on.ts';

describe('relyt doctor names what is wrong with access (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('no database there, or a wrong password', async () => {
    const target = await prepared(makeTarget);
    const url = new URL(target.database.url);
    url.port = '1';
    const unreachable = await examined({ ...environmentOf(target), DATABASE_URL: url.href });
    expect(step(unreachable, 'connection')).toMatchObject({
      status: 'failed',
      code: 'DATABASE_UNREACHABLE',
    });
    expect(stepsOf(unreachable, 'skipped')).toEqual(STEPS.slice(1));
    const role = await createRole(target.database, 'loader');
    const wrong = new URL(role.url);
    wrong.password = 'not-the-password';
    const refused = await examined({ ...environmentOf(target), DATABASE_URL: wrong.href });
    expect(step(refused, 'connection')).toMatchObject({
      status: 'failed',
      code: 'DATABASE_AUTH_FAILED',
    });
    expect(JSON.stringify(refused)).not.toContain('not-the-password');
  });

  test.each([
    ['secret', { RELYT_S3_SECRET_KEY: 'not-the-secret-key' }, 'S3_AUTH_FAILED'],
    ['bucket', { RELYT_S3_BUCKET: 'no-such-bucket' }, 'S3_BUCKET_MISSING'],
    ['endpoint', { RELYT_S3_ENDPOINT: 'http://127.0.0.1:1' }, 'S3_UNREACHABLE'],
  ])('a wrong %s', async (_, wrong, code) => {
    const target = await prepared(makeTarget);
    const report = await traceless(target, { ...environmentOf(target), ...wrong });

    expect(stepsOf(report, 'failed')[0]).toBe('bucket: write');
    expect(step(report, 'bucket: write')).toMatchObject({
      code,
      todo: expect.stringMatching(/.{10}/),
    });
    expect(step(report, 'probe load')).toMatchObject({
      status: 'skipped',
      message: expect.stringMatching(/^needs /),
    });
    expect(JSON.stringify(report)).not.toContain('not-the-secret-key');
  });

  test('no LOADER_CONFIG', async () => {
    const target = await prepared(makeTarget);
    const env = { DATABASE_URL: target.database.url };
    const report = await traceless(target, env, '--engine', 'copy');
    expect(stepsOf(report, 'failed')).toEqual(['S3 settings']);
    expect(step(report, 'S3 settings')).toMatchObject({ code: 'LOADER_CONFIG_MISSING' });
    expect(step(report, 'probe load')?.message).toBe('needs the S3 settings');
  });

  test('no LOADER_CONFIG, and an engine that needs none', async () => {
    const target = await prepared(makeTarget);
    const report = await traceless(target, { DATABASE_URL: target.database.url });
    expect(stepsOf(report, 'failed')).toEqual([]);
    expect(step(report, 'S3 settings')).toMatchObject({
      status: 'skipped',
      message: 'not needed: the engine direct uses no S3',
    });
    expect(step(report, 'probe load')?.status).toBe('ok');
    expect(report.ok).toBe(true);
  });

  test('where the settings come from, and of which kind the keys are', async () => {
    const target = await prepared(makeTarget);
    const said = await relytOn(target, 'init');
    expect(said.code).toBe(0);
    const report = await traceless(target, { DATABASE_URL: target.database.url });
    expect(step(report, 'S3 settings')?.message).toMatch(
      /^from relyt_sys\.loader_config\(\): s3:\/\/\S+ at http:\/\/\S+ \(\S+\), static keys$/,
    );
    expect(stepsOf(report, 'skipped')).toEqual(['table']);
    expect(report.ok).toBe(true);
  });

  test('rights that are missing, each by its name', async () => {
    const target = await prepared(makeTarget);
    const role = await createRole(target.database, 'loader');
    const env = { ...environmentOf(target), DATABASE_URL: role.url };
    const none = await traceless(target, env, '--table', target.table);
    expect(stepsOf(none, 'failed')).toEqual(expect.arrayContaining(['schema', 'table']));
    expect(step(none, 'table')?.todo).toContain(
      `GRANT INSERT, SELECT, UPDATE ON "public"."${target.table}"`,
    );

    await relytOn(target, 'init', '--role', role.name);
    await target.database.query(`revoke update on relyt_sys.relyt_loader_file from ${role.name}`);
    await target.database.query(`grant insert on ${target.sql} to ${role.name}`);
    const some = await traceless(target, env, '--table', target.table);
    expect(step(some, 'rights')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('lacks UPDATE on relyt_sys.relyt_loader_file'),
      todo: `Have an administrator run: \`relyt init --role ${role.name}\``,
    });
    expect(step(some, 'table')?.message).toContain('lacks SELECT, UPDATE on');
    expect(step(some, 'probe load')).toMatchObject({
      status: 'failed',
      code: 'DATABASE_PERMISSION_DENIED',
    });
  });
});
