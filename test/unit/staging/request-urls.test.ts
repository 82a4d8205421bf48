/** Where requests go, for every form an endpoint has: presigned URLs show it, and making one needs no server. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import { RelytError } from '../../../src/errors.ts';
import { S3ObjectStore } from '../../../src/staging/s3-object-store.ts';

const keys = { access_key: 'AKIAEXAMPLE', secret_key: 'secret' };

async function presigned(raw: object, key: string): Promise<URL> {
  const store = new S3ObjectStore(normalizeS3Settings({ ...keys, ...raw }, 'the test'));
  try {
    return new URL(await store.presignGet(key, 60));
  } finally {
    store.close();
  }
}

const VPCE = 'bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com';
const ACCOUNT = '0123456789abcdef0123456789abcdef';

describe('the URL of an object', () => {
  it.each([
    // AWS: the host of the region, the bucket in front.
    ['s3.amazonaws.com', 'us-west-2', 'stg', 'https://stg.s3.us-west-2.amazonaws.com/'],
    ['https://s3.amazonaws.com', 'us-east-1', 'stg', 'https://stg.s3.us-east-1.amazonaws.com/'],
    ['s3.eu-west-1.amazonaws.com', 'eu-west-1', 'stg', 'https://stg.s3.eu-west-1.amazonaws.com/'],
    ['s3-us-west-2.amazonaws.com', 'us-west-2', 'stg', 'https://stg.s3-us-west-2.amazonaws.com/'],
    ['s3.amazonaws.com', 'us-gov-west-1', 'stg', 'https://stg.s3.us-gov-west-1.amazonaws.com/'],
    ['cn.amazonaws.com', 'cn-north-1', 'stg', 'https://stg.s3.cn-north-1.amazonaws.com.cn/'],
    [
      's3.cn-northwest-1.amazonaws.com.cn',
      'cn-northwest-1',
      'stg',
      'https://stg.s3.cn-northwest-1.amazonaws.com.cn/',
    ],
    // A dot, or what no host name may hold: the bucket in the path.
    ['s3.amazonaws.com', 'us-west-2', 'b.0', 'https://s3.us-west-2.amazonaws.com/b.0/'],
    ['s3.amazonaws.com', 'us-east-1', 'Old_B', 'https://s3.us-east-1.amazonaws.com/Old_B/'],
    // Special hosts of AWS stay what they are.
    [
      's3.dualstack.eu-west-1.amazonaws.com',
      'eu-west-1',
      'stg',
      'https://stg.s3.dualstack.eu-west-1.amazonaws.com/',
    ],
    [
      's3-fips.us-east-1.amazonaws.com',
      'us-east-1',
      'stg',
      'https://stg.s3-fips.us-east-1.amazonaws.com/',
    ],
    ['s3-accelerate.amazonaws.com', 'us-east-1', 'stg', 'https://stg.s3-accelerate.amazonaws.com/'],
    [VPCE, 'us-east-1', 'stg', `https://stg.${VPCE}/`],
    // Everybody else: the bucket in the path.
    [
      `${ACCOUNT}.r2.cloudflarestorage.com`,
      'auto',
      'stg',
      `https://${ACCOUNT}.r2.cloudflarestorage.com/stg/`,
    ],
    ['storage.googleapis.com', 'auto', 'b.0', 'https://storage.googleapis.com/b.0/'],
    ['http://minio.internal:9000', 'us-east-1', 'stg', 'http://minio.internal:9000/stg/'],
    ['10.0.0.5:9000', 'us-east-1', 'stg', 'https://10.0.0.5:9000/stg/'],
    ['localhost:7480', 'default', 'stg', 'http://localhost:7480/stg/'],
    ['[::1]:9000', 'us-east-1', 'stg', 'http://[::1]:9000/stg/'],
    ['oss-cn-hangzhou.aliyuncs.com', 'oss', 'stg', 'https://oss-cn-hangzhou.aliyuncs.com/stg/'],
  ])('of %s in %s, bucket %s, begins with %4$s', async (endpoint, region, bucket_name, url) => {
    const found = await presigned({ endpoint, region, bucket_name }, 'p/2026-11-23/f.csv');
    expect(`${found.origin}${found.pathname}`).toBe(`${url}p/2026-11-23/f.csv`);
    const credential = found.searchParams.get('X-Amz-Credential') ?? '';
    expect(credential.split('/').slice(2)).toEqual([region, 's3', 'aws4_request']);
  });

  it('does not depend on the variables of AWS', async () => {
    const raw = { endpoint: 's3.amazonaws.com', region: 'us-west-2', bucket_name: 'stg' };
    const names = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = 'true';
    try {
      expect((await presigned(raw, 'a.csv')).host).toBe('stg.s3.us-west-2.amazonaws.com');
    } finally {
      for (const [i, name] of names.entries()) {
        if (before[i] === undefined) delete process.env[name];
        else process.env[name] = before[i];
      }
    }
  });
});

describe('a prefix', () => {
  const raw = { endpoint: 'minio.example', region: 'us-east-1', bucket_name: 'staging' };
  /** Undefined when it is refused. */
  function keyBelow(prefix: string): string | undefined {
    try {
      const settings = normalizeS3Settings({ ...raw, ...keys, prefix }, 'the test');
      return settings.prefix === '' ? 'f.csv' : `${settings.prefix}/f.csv`;
    } catch (error) {
      expect(error).toBeInstanceOf(RelytError);
      expect(error).toMatchObject({ code: 'LOADER_CONFIG_INVALID' });
      return undefined;
    }
  }
  async function expectExact(key: string): Promise<void> {
    const { pathname } = await presigned(raw, key);
    expect(decodeURIComponent(pathname)).toBe(`/staging/${key}`);
  }

  it.each(['a=1/b', 'a+b', 'a@b', 'A_b.c-d', '...', 'a..b', '-', '/lead/and/trail/'])(
    '%j names exactly its key',
    async (prefix) => {
      const key = keyBelow(prefix);
      expect(key).toBe(`${prefix.replace(/^\/|\/$/g, '')}/f.csv`);
      await expectExact(key ?? '');
    },
  );

  it.each(['a b', 'ä', '%41', 'a?b', 'a#b', "a'b", 'a"b', 'a\\b', '../a', 'a/./b', 'a\tb', 'a,b'])(
    '%j is refused: not every reader gets it right',
    (prefix) => expect(keyBelow(prefix)).toBeUndefined(),
  );

  it('is refused, or its keys come out of the URL as they are', async () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...'ab/..=+@_- %?#&:;,~!*()\'"\\\u0000\n\u007fäß☃'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      ),
      maxLength: 12,
    });
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(text, async (prefix) => {
        const key = keyBelow(prefix);
        if (key === undefined) return;
        accepted++;
        // Slashes and the space around it are no part of a name; everything else stays.
        const names = prefix
          .trim()
          .split('/')
          .filter((name) => name !== '');
        expect(key).toBe([...names, 'f.csv'].join('/'));
        await expectExact(key);
      }),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
