import { createHash, randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Forgery, type RawRequest, send, sendSigned, signedChunks } from './raw-request.ts';
import { outcome, type ServerUnderTest } from './server-under-test.ts';

const MINUTE_MS = 60_000;

/** Who may do what: signatures in headers, body hashes, signed chunks. */
export function accessCases(current: () => ServerUnderTest): void {
  const ask = async (raw: Partial<RawRequest>): Promise<string> => {
    const { connection, bucket } = current();
    const answer = await sendSigned(connection, {
      method: 'GET',
      path: `/${bucket}/access`,
      ...raw,
    });
    return `${answer.status} ${answer.code}`.trim();
  };

  describe('signatures', () => {
    beforeAll(async () => {
      const { client, bucket: Bucket } = current();
      await client.send(new PutObjectCommand({ Bucket, Key: 'access', Body: 'content' }));
    });

    it('are accepted when right', async () => {
      expect(await ask({})).toBe('200');
    });

    it('are accepted with a clock that is wrong by less than 15 minutes', async () => {
      for (const minutes of [-14, 14]) {
        const date = new Date(Date.now() + minutes * MINUTE_MS);
        expect(await ask({ sign: { date } })).toBe('200');
      }
    });

    it('are refused with a clock that is wrong by more', async () => {
      for (const minutes of [-16, 16, -60 * 24]) {
        const date = new Date(Date.now() + minutes * MINUTE_MS);
        expect(await ask({ sign: { date } })).toBe('403 RequestTimeTooSkewed');
      }
    });

    it('are refused when made with another secret or for another service', async () => {
      expect(await ask({ sign: { secretKey: 'wrong' } })).toBe('403 SignatureDoesNotMatch');
      expect(await ask({ sign: { accessKey: 'NOBODY' } })).toBe('403 InvalidAccessKeyId');
      const { bucket: Bucket, connection } = current();
      const otherService = connection.features.verifiesService ? /^40[03] / : /^200/;
      expect(await ask({ sign: { service: 'sqs' } })).toMatch(otherService);
      const credentials = { accessKeyId: connection.accessKey, secretAccessKey: 'wrong' };
      const client = current().clientWith({ credentials });
      expect(
        await outcome(client.send(new PutObjectCommand({ Bucket, Key: 'access', Body: 'x' }))),
      ).toBe('403 SignatureDoesNotMatch');
    });

    it('must be there', async () => {
      const { connection, bucket } = current();
      const url = new URL(connection.endpoint);
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await send(url, { method, path: `/${bucket}/access` });
        expect([answer.status, answer.code]).toEqual([403, 'AccessDenied']);
      }
      expect((await current().read('access')).toString()).toBe('content');
    });

    it('are verified before a large body has been read', async () => {
      const body = Buffer.alloc(20 * 1024 * 1024);
      // The rest is never sent: the answer must not wait for it.
      const put = ask({ method: 'PUT', body, sentBytes: 65_536, sign: { secretKey: 'wrong' } });
      expect(await put).toBe('403 SignatureDoesNotMatch');
    });
  });

  describe('signed bodies', () => {
    it('are refused when their hash is another', async () => {
      const payloadHash = createHash('sha256').update('other').digest('hex');
      const path = `/${current().bucket}/forged`;
      const put = ask({ method: 'PUT', path, payloadHash, body: Buffer.from('content') });
      expect(await put).toBe('400 XAmzContentSHA256Mismatch');
      expect(await current().keys('forged')).toEqual([]);
    });

    it('may be left unsigned', async () => {
      const path = `/${current().bucket}/unsigned-payload`;
      const body = Buffer.from('content');
      expect(await ask({ method: 'PUT', path, payloadHash: 'UNSIGNED-PAYLOAD', body })).toBe('200');
    });
  });

  describe('signed chunks', () => {
    const chunks = [randomBytes(65_536), randomBytes(65_536), randomBytes(100)];
    const put = (key: string, forgery: Forgery): Promise<string> =>
      ask({
        method: 'PUT',
        path: `/${current().bucket}/${key}`,
        headers: {
          'content-encoding': 'aws-chunked',
          'x-amz-decoded-content-length': String(Buffer.concat(chunks).length),
        },
        payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        bodyFor: (seal) => signedChunks(seal, chunks, forgery),
      });

    it('are stored without their framing', async () => {
      expect(await put('chunks', 'none')).toBe('200');
      expect((await current().read('chunks')).equals(Buffer.concat(chunks))).toBe(true);
    });

    it.each(['data', 'signature', 'order'] as const)('are refused with false %s', async (what) => {
      expect(await put('chunks-forged', what)).toMatch(/^40[03] /);
      expect(await current().keys('chunks-forged')).toEqual([]);
    });
  });
}
