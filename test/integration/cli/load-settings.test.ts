// Where `relyt load` takes its connection and its S3 settings from.

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startS3Server } from 'relyt-dev';
import { expect, onTestFinished, test } from 'vitest';
import { uniquePrefix } from '../../support/bucket.ts';
import { testStack } from '../../support/stack.ts';
import { commandsIn, People } from './people.ts';
import { inputFile } from './relyt.ts';

const people = People.forTests();

test('PG* variables stand in for the URL', async () => {
  const url = new URL(people.database.url);
  const env = {
    DATABASE_URL: '',
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: url.pathname.slice(1),
  };
  expect(await people.load(['-'], { env, input: 'id\n1\n' })).toMatchObject({ code: 0 });
  expect(await people.rows()).toHaveLength(1);
});

test('S3 settings of the environment override those of the database', async () => {
  const other = uniquePrefix();
  const env = { RELYT_S3_PREFIX: other, RELYT_S3_SECRET_KEY: 'not-the-secret' };
  const wrong = await people.load(['-'], { env, input: 'id\n1\n' });
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.stderr).toContain('code: S3_AUTH_FAILED');
  expect(wrong.stderr).not.toContain('not-the-secret');
  expect(
    await people.load(['-'], { env: { RELYT_S3_PREFIX: other }, input: 'id\n1\n' }),
  ).toMatchObject({
    code: 0,
  });
  const [file] = await people.database.query<{ s3_key: string }>(
    `select s3_key from relyt_sys.relyt_loader_file where status = 'IMPORTED' order by imported_at desc limit 1`,
  );
  expect(file?.s3_key.startsWith(`${other}/`)).toBe(true);
});

test('G8: a bucket that is not there: create it or name another; the printed commands go on', async () => {
  const file = inputFile('people.csv', 'id\n1\n2\n');
  const wrong = { RELYT_S3_BUCKET: `no-such-bucket-${process.pid}` };
  const failed = await people.load([file], { env: wrong });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('code: S3_BUCKET_MISSING');
  const [resume = '', elsewhere = ''] = commandsIn(failed.stderr);
  expect(elsewhere).toBe(`${resume} --allow-change s3Location`);
  const refused = await people.run(resume);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('code: RESUME_REFUSED');
  expect(await people.run(elsewhere)).toMatchObject({ code: 0 });
  expect(await people.rows()).toHaveLength(2);
});

test('G8: a bucket that is created meanwhile', async () => {
  const file = inputFile('people.csv', 'id\n1\n2\n');
  const { endpoint: _, ...s3 } = testStack().s3;
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'relyt-bucket-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const empty = await startS3Server({ dataDir, ...s3, buckets: [] });
  const env = { RELYT_S3_ENDPOINT: empty.endpoint };
  const failed = await people.load([file, '--engine', 'copy'], { env });
  await empty.stop();
  expect(failed.stderr).toContain('code: S3_BUCKET_MISSING');

  const filled = await startS3Server({ dataDir, ...s3, port: empty.port, buckets: [s3.bucket] });
  onTestFinished(() => filled.stop());
  expect(await people.run(commandsIn(failed.stderr)[0] ?? '', { env })).toMatchObject({ code: 0 });
  expect(await people.rows()).toHaveLength(2);
});
