// G7: what another role wrote into the rows of its task decides neither which file, endpoint or object a resume or an
// abort of an administrator touches, nor what it writes.

import { copyFileSync, statSync } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { listKeys, testS3Client } from '../../support/bucket.ts';
import type { TestRole } from '../../support/database.ts';
import { generate, type TestTarget, targetsOn } from '../../support/loading.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { as, loaderOf } from '../database/two-roles.ts';
import { failedTask } from '../operations/interrupted-tasks.ts';
import { inputFile, relyt } from './relyt.ts';
import { environmentOf, relytOn, said } from './relyt-on.ts';

const makeTarget = targetsOn(defaultServer());
const RECORDS = 30;
const lines = (text: string) => generate(RECORDS, (n) => `${n},${text} ${n}\n`);
const csv = (text: string) => `id,v\n${[...lines(text)].join('')}`;

interface Begun {
  readonly target: TestTarget;
  readonly loader: TestRole;
  readonly file: string;
  readonly processId: string;
}

/** A load of a file by a role that loads and nothing more; a constraint ended it, which is gone by now. */
async function begunByLoader(): Promise<Begun> {
  const target = await makeTarget('id int primary key, v text');
  const loader = await loaderOf(target);
  const file = inputFile('given.csv', csv('given'));
  await target.database.query(`alter table ${target.sql} add constraint no check (id < 25)`);
  const env = { ...environmentOf(target), DATABASE_URL: loader.url };
  const args = ['load', file, '--table', target.table, '--batch-size', '10', '--json'];
  const failed = await relyt(args, { env });
  const { processId } = said(failed).details as { processId: string };
  await target.database.query(`alter table ${target.sql} drop constraint no`);
  return { target, loader, file, processId };
}

/** The loader writes into the settings of its own task. */
async function forge({ loader, processId }: Begun, at: string, value: unknown): Promise<void> {
  const { count } = await as(
    loader,
    `update relyt_sys.relyt_loader_task set settings = jsonb_set(settings, $2::text[], $3::jsonb) where process_id = $1`,
    [processId, at, JSON.stringify(value)],
  );
  expect(count).toBe(1);
}

async function forgeSource(begun: Begun, file: string): Promise<void> {
  const { size, mtime } = statSync(file);
  await forge(begun, '{source,path}', file);
  await forge(begun, '{source,size}', size);
  await forge(begun, '{source,modifiedAt}', mtime.toISOString());
}

const texts = (target: TestTarget) =>
  target.rows<{ v: string }>(`distinct split_part(v, ' ', 1) as v`);

describe('an administrator who resumes the load of another role', () => {
  test('opens the file that is named on the command line, never the one in its row', async () => {
    const begun = await begunByLoader();
    const { target, file, processId } = begun;
    const secret = inputFile('of-the-administrator.csv', csv('secret'));
    for (const planted of [secret, '/dev/zero', '/etc/passwd']) {
      await forgeSource(begun, planted);
      const refused = await relytOn(target, 'resume', processId, '--json');
      expect(refused.code).toBe(1);
      expect(said(refused)).toMatchObject({
        code: 'RESUME_REFUSED',
        message: expect.stringContaining(planted),
        hint: expect.stringContaining(`relyt resume ${processId} FILE`),
      });
    }
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'FAILED' });
    const other = await relytOn(target, 'resume', processId, file, '--json');
    expect(said(other)).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('has changed'),
    });
    await forgeSource(begun, file);
    expect(await relytOn(target, 'resume', processId, file)).toMatchObject({ code: 0 });
    expect(await target.count()).toBe(RECORDS);
    expect(await texts(target)).toEqual([{ v: 'given' }]);
  });

  test('may finish it without a file, as the hint says', async () => {
    const { target, processId } = await begunByLoader();
    const finished = await relytOn(target, 'resume', processId, '--finish', '--json');
    expect(said(finished)).toMatchObject({ status: 'COMPLETED' });
  });

  test('sends nothing to an endpoint that stands in its row', async () => {
    const begun = await begunByLoader();
    const { target, file, processId } = begun;
    await forge(begun, '{awsS3}', { endpointUrl: 'http://evil.example' });
    const refused = await relytOn(target, 'resume', processId, file, '--json');
    expect(said(refused)).toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining('awsS3.endpointUrl'),
      hint: expect.stringContaining('--aws-s3-endpoint'),
    });
    const own = ['--aws-s3-endpoint', 'http://own.example'];
    expect(await relytOn(target, 'resume', processId, file, ...own)).toMatchObject({ code: 0 });
  });

  test('writes nothing that its policies or columns would have refused', async () => {
    const target = await makeTarget('id int primary key, v text');
    const loader = await loaderOf(target);
    const { processId } = await failedTask(target, { url: loader.url, onConflict: 'update' });
    await target.database.query(`alter table ${target.sql} drop constraint poison`);
    const refused = { code: 'RESUME_REFUSED', message: expect.stringContaining(loader.name) };
    const resume = async () => {
      const config = target.config({ batchSize: 10, batchImportSize: 1, onConflict: 'update' });
      await (await BulkProcessor.resume(processId, config)).shutdown();
    };
    await target.database.query(`alter table ${target.sql} enable row level security`);
    await target.database.query(`create policy own on ${target.sql} using (id < 10)`);
    await expect(resume()).rejects.toMatchObject(refused);
    await target.database.query(`alter table ${target.sql} disable row level security`);
    await target.database.query(`revoke update on ${target.sql} from "${loader.name}"`);
    await target.database.query(`grant update (id) on ${target.sql} to "${loader.name}"`);
    await expect(resume()).rejects.toMatchObject(refused);
    await target.database.query(`grant update (v) on ${target.sql} to "${loader.name}"`);
    await resume();
    expect(await target.checkpoint(processId)).toMatchObject({ status: 'COMPLETED' });
  });
});

test('the role itself goes on by the id alone, or with a file that has moved', async () => {
  const { target, loader, file, processId } = await begunByLoader();
  const env = { ...environmentOf(target), DATABASE_URL: loader.url };
  const moved = `${file}.moved`;
  copyFileSync(file, moved);
  const flags = ['--allow-change', 'source', '--json'];
  const resumed = await relyt(['resume', processId, moved, ...flags], { env });
  expect(said(resumed)).toMatchObject({ ok: true, records: RECORDS });
});

describe('objects of others', () => {
  const put = async (key: string) => {
    const client = testS3Client();
    const { bucket: Bucket } = testStack().s3;
    await client
      .send(new PutObjectCommand({ Bucket, Key: key, Body: 'of another program' }))
      .finally(() => client.destroy());
  };

  test('below another prefix, or with other names, are deleted by no abort and no resume', async () => {
    const target = await makeTarget('id int primary key, v text');
    const loader = await loaderOf(target);
    const { processId } = await failedTask(target, { url: loader.url });
    const day = new Date().toISOString().slice(0, 10);
    const report = `${target.prefix}/${day}/${processId}/report.csv`;
    const elsewhere = `${target.prefix}/of/another/${day}/${processId}/file-000001-e1.csv`;
    await put(report);
    await put(elsewhere);
    const repoint = (from: string, to: string) =>
      as(
        loader,
        `update relyt_sys.relyt_loader_file set s3_key = replace(s3_key, $2, $3) where process_id = $1`,
        [processId, from, to],
      );
    const [here, there] = [`${target.prefix}/${day}`, `${target.prefix}/of/another/${day}`];
    await repoint(here, there);
    for (const command of ['abort', 'resume']) {
      const refused = await relytOn(target, command, processId, '--json');
      expect(said(refused)).toMatchObject({
        code: 'BOOKKEEPING_INVALID',
        hint: expect.stringContaining('RELYT_S3_PREFIX'),
      });
    }
    await repoint(there, here);
    expect(await relytOn(target, 'abort', processId)).toMatchObject({ code: 0 });
    expect(await listKeys(`${target.prefix}/`)).toEqual([report, elsewhere].sort());
  });
});
