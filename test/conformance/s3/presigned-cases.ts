import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { beforeAll, describe, expect, it } from 'vitest';
import { ODD_KEYS } from './object-cases.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const run = promisify(execFile);

/** URLs that carry their own signature: what a database without S3 credentials reads with curl. */
export function presignedCases(current: () => ServerUnderTest): void {
  const presignGet = (Key: string, more = {}): Promise<string> => {
    const { plainClient, bucket: Bucket } = current();
    const command = new GetObjectCommand({ Bucket, Key });
    return getSignedUrl(plainClient, command, { expiresIn: 60, ...more });
  };

  describe('presigned URLs', () => {
    beforeAll(async () => {
      const { client, bucket: Bucket } = current();
      await client.send(new PutObjectCommand({ Bucket, Key: 'presigned', Body: 'secret rows\n' }));
      await client.send(new PutObjectCommand({ Bucket, Key: 'presigned2', Body: 'others\n' }));
    });

    it('gives curl the bytes', async () => {
      const { stdout } = await run('curl', ['-q', '-fsS', await presignGet('presigned')]);
      expect(stdout).toBe('secret rows\n');
    });

    it('gives curl a part of the bytes', async () => {
      const url = await presignGet('presigned');
      const { stdout } = await run('curl', ['-q', '-fsS', '-r', '7-10', url]);
      expect(stdout).toBe('rows');
    });

    it('works for any key', async () => {
      const { client, bucket: Bucket } = current();
      for (const Key of ODD_KEYS) {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
        const answer = await fetch(await presignGet(Key));
        expect([answer.status, await answer.text()]).toEqual([200, Key]);
      }
    });

    it('uploads with PUT', async () => {
      const { plainClient, bucket: Bucket } = current();
      const command = new PutObjectCommand({ Bucket, Key: 'presigned-put' });
      const url = await getSignedUrl(plainClient, command, { expiresIn: 60 });
      expect((await fetch(url, { method: 'PUT', body: 'uploaded' })).status).toBe(200);
      expect((await current().read('presigned-put')).toString()).toBe('uploaded');
    });

    const forgeries: readonly [what: string, change: (url: string) => string][] = [
      ['another key', (url) => url.replace('/presigned?', '/presigned2?')],
      ['a longer life', (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000')],
      ['another signature', (url) => url.replace(/(X-Amz-Signature=)./, '$1z')],
      ['no signature', (url) => url.replace(/X-Amz-Signature=[^&]*/, 'X-Amz-Signature=')],
      ['a further parameter', (url) => `${url}&response-content-type=text%2Fhtml`],
      [
        'no signed headers',
        (url) => url.replace(/X-Amz-SignedHeaders=host/, 'X-Amz-SignedHeaders='),
      ],
    ];
    it.each(forgeries)('are refused when changed: %s', async (_, change) => {
      const url = await presignGet('presigned');
      expect(change(url)).not.toBe(url);
      const answer = await fetch(change(url));
      const text = await answer.text();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThanOrEqual(403);
      expect(text).not.toContain('secret rows');
    });

    it('are refused for another method, which then changes nothing', async () => {
      const url = await presignGet('presigned');
      for (const method of ['PUT', 'DELETE']) {
        const answer = await fetch(url, { method, ...(method === 'PUT' && { body: 'forged' }) });
        expect(answer.status).toBe(403);
      }
      expect((await current().read('presigned')).toString()).toBe('secret rows\n');
    });

    it('are refused after their time, and long before it', async () => {
      const minutesAgo = (n: number): Date => new Date(Date.now() - n * 60_000);
      const old = await presignGet('presigned', { signingDate: minutesAgo(2) });
      expect((await fetch(old)).status).toBe(403);
      const valid = await presignGet('presigned', { signingDate: minutesAgo(2), expiresIn: 600 });
      expect((await fetch(valid)).status).toBe(200);
      const early = await presignGet('presigned', { signingDate: minutesAgo(-20) });
      const { refusesEarlyUrls } = current().connection.features;
      expect((await fetch(early)).status).toBe(refusesEarlyUrls ? 403 : 200);
    });

    it('are refused for longer than a week', async () => {
      // The SDK itself refuses to sign for longer, so the limit is crossed by hand.
      const url = (await presignGet('presigned')).replace(
        'X-Amz-Expires=60',
        'X-Amz-Expires=604801',
      );
      expect((await fetch(url)).status).toBeGreaterThanOrEqual(400);
    });

    it('do not let their holder add x-amz-… headers', async () => {
      const { plainClient, bucket: Bucket, connection } = current();
      const command = new PutObjectCommand({ Bucket, Key: 'presigned-meta' });
      const url = await getSignedUrl(plainClient, command, { expiresIn: 60 });
      const headers = { 'x-amz-meta-owner': 'intruder' };
      const { status } = await fetch(url, { method: 'PUT', body: 'x', headers });
      expect(status).toBe(connection.features.refusesUnsignedHeaders ? 403 : 200);
    });
  });
}
