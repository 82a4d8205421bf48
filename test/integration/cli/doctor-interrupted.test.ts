// `relyt doctor` ended in the middle.

import { describe, expect, test, vi } from 'vitest';
import { listKeys } from '../../support/bucket.ts';
import { expectNothingOpen, targetsOn } from '../../support/loading.ts';
import { S3Proxy } from '../../support/s3-proxy.ts';
import { defaultServer, testStack } from '../../support/stack.ts';
import { prepared, traces } from './examination.ts';
import { startRelyt } from './relyt.ts';
import { environmentOf, relytOn } from './relyt-on.ts';

describe('relyt doctor ended early leaves nothing that stays (G7)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('killed in the middle of the probe, it leaves only objects, which gc finds (G7)', async () => {
    const target = await prepared(makeTarget);
    const before = await traces(target.database, target.prefix);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    proxy.faultOf = ({ path: p }) => (p.includes('X-Amz-Signature') ? { hang: true } : undefined);
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const running = await startRelyt(['doctor'], { env });
    await running.printed('✓ access to S3');
    await vi.waitFor(() => expect(proxy.faults).toBeGreaterThan(0), { timeout: 60_000 });
    running.signal('SIGKILL');
    await running.ended;
    // The backend waits for its download, and notices the closed connection once that has ended.
    await proxy[Symbol.asyncDispose]();
    const open = `select 1 from pg_stat_activity where application_name = 'relyt doctor'`;
    await vi.waitFor(async () => expect(await target.database.query(open)).toEqual([]), 15_000);
    expect(await listKeys(target.prefix)).toHaveLength(1);
    const collected = await relytOn(target, 'gc', '--unknown', '--older-than', '0');
    expect(collected).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Deleted 1 object '),
    });
    expect(await traces(target.database, target.prefix)).toEqual(before);
  });

  test('stopped by a signal, it cleans up', async () => {
    const target = await prepared(makeTarget);
    await using proxy = await S3Proxy.start(testStack().s3.endpoint);
    // The first object is stored, then the bucket falls silent.
    proxy.faultOf = ({ method, path: p }) =>
      method === 'HEAD' && p.includes('/file-') ? { hang: true } : undefined;
    const env = { ...environmentOf(target), RELYT_S3_ENDPOINT: proxy.endpoint };
    const running = await startRelyt(['doctor'], { env });
    await running.printed('✓ bucket: write');
    await vi.waitFor(() => expect(proxy.faults).toBeGreaterThan(0), { timeout: 60_000 });
    running.signal('SIGINT');
    const result = await running.ended;
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('cleaning up');
    expect(await listKeys(target.prefix)).toEqual([]);
    await expectNothingOpen(target.database);
  });
});
