// What `relyt doctor` says of a bucket that denies something, and of clocks.

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startS3Server } from '../../../src/embedded/s3/server.ts';
import { listKeys, listUploads } from '../../support/bucket.ts';
import { targetsOn } from '../../support/loading.ts';
import { type FaultOf, S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { denied, examined, prepared, step, stepsOf, traceless } from './examination.ts';
import { environmentOf } from './relyt-on.ts';

describe('relyt doctor names what is wrong with the bucket (G8)', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each<[string, FaultOf, string, string]>([
    [
      'put',
      ({ method, path: p }) => denied(method === 'PUT' && !p.includes('uploadId')),
      'bucket: write',
      's3:PutObject',
    ],
    [
      'get',
      ({ method, path: p }) => denied(method === 'GET' && p.includes('/file-')),
      'bucket: read',
      's3:GetObject',
    ],
    [
      'list',
      ({ method, path: p }) => denied(method === 'GET' && p.includes('list-type=2')),
      'bucket: list',
      's3:ListBucket',
    ],
    [
      'abort',
      ({ method, path: p }) => denied(method === 'DELETE' && p.includes('uploadId')),
      'bucket: multipart',
      's3:AbortMultipartUpload',
    ],
  ])('a bucket that denies %s: the permission is named', async (_, faultOf, name, permission) => {
    const target = await prepared(makeTarget);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    proxy.faultOf = faultOf;
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const report = await examined(env);
    expect(step(report, name)).toMatchObject({
      status: 'failed',
      code: 'S3_ACCESS_DENIED',
      todo: expect.stringContaining(permission),
    });
    expect(await listKeys(target.prefix)).toEqual([]);
    expect(await listUploads(target.prefix)).toEqual([]);
  });

  test('a database that cannot read what was staged', async () => {
    const target = await prepared(makeTarget);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    // Only the database comes with presigned URLs.
    proxy.faultOf = ({ path: p }) => denied(p.includes('X-Amz-Signature'));
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const report = await traceless(target, env);
    expect(stepsOf(report, 'failed')).toEqual(['probe load']);
    expect(step(report, 'probe load')).toMatchObject({
      code: 'S3_DOWNLOAD_FAILED',
      todo: expect.stringContaining('the database server itself reaches the S3 endpoint'),
    });
  });

  test('a clock that is an hour off', async () => {
    const target = await prepared(makeTarget);
    const dataDir = mkdtempSync(path.join(os.tmpdir(), 'relyt-skewed-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const { endpoint: _, ...s3 } = testStack().s3;
    const now = () => new Date(Date.now() + 3_600_000);
    const server = await startS3Server({ dataDir, ...s3, buckets: [s3.bucket], now });
    onTestFinished(() => server.stop());
    const report = await examined({ ...environmentOf(target), RELYT_S3_ENDPOINT: server.endpoint });

    expect(stepsOf(report, 'failed')).toEqual(['clocks']);
    expect(step(report, 'clocks')).toMatchObject({
      code: 'S3_CLOCK_SKEW',
      message: expect.stringMatching(
        /the database agrees within a second, S3 is 3(599|600|601) s ahead/,
      ),
      todo: expect.stringContaining('NTP'),
    });
  });
});
