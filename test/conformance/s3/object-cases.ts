import { randomBytes } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { sendSigned } from './raw-request.ts';
import { outcome, type ServerUnderTest } from './server-under-test.ts';

const MIB = 1024 * 1024;

export const ODD_KEYS: readonly string[] = [
  'odd/with space',
  'odd/plus+and&ampersand',
  'odd/per%cent and %41 and %2F',
  'odd/question?mark=1',
  'odd/hash#tag',
  `odd/quotes'"\``,
  'odd/(paren)*!~$@,;:=',
  'odd/<xml>&amp;',
  'odd/größe-日本-🚀',
  'odd/a//b',
  'odd/trailing/',
  'odd/back\\slash',
];

/** Reading, conditions, keys, and writes that meet. */
export function objectCases(current: () => ServerUnderTest): void {
  const put = (Key: string, Body: string | Buffer, more = {}): Promise<unknown> =>
    current().client.send(new PutObjectCommand({ Bucket: current().bucket, Key, Body, ...more }));

  describe('GetObject and HeadObject', () => {
    it.each([
      ['bytes=0-3', '0123', 'bytes 0-3/10'],
      ['bytes=4-', '456789', 'bytes 4-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=-100', '0123456789', 'bytes 0-9/10'],
      ['bytes=8-100', '89', 'bytes 8-9/10'],
    ])('answers range %s', async (Range, text, contentRange) => {
      await put('range', '0123456789');
      const { client, bucket: Bucket } = current();
      const got = await client.send(new GetObjectCommand({ Bucket, Key: 'range', Range }));
      expect(await got.Body?.transformToString()).toBe(text);
      expect(got.ContentRange).toBe(contentRange);
      expect(got.ContentLength).toBe(text.length);
      expect(got.$metadata.httpStatusCode).toBe(206);
    });

    it('answers 416 for a range beyond the end', async () => {
      await put('range', '0123456789');
      const { client, bucket: Bucket } = current();
      const get = client.send(new GetObjectCommand({ Bucket, Key: 'range', Range: 'bytes=10-' }));
      expect(await outcome(get)).toBe('416 InvalidRange');
    });

    it('names what is missing', async () => {
      const { client, bucket: Bucket, connection } = current();
      const get = client.send(new GetObjectCommand({ Bucket, Key: 'no/such' }));
      expect(await outcome(get)).toBe('404 NoSuchKey');
      const head = client.send(new HeadObjectCommand({ Bucket, Key: 'no/such' }));
      expect(await outcome(head)).toBe('404 NotFound');
      const raw = await sendSigned(connection, { method: 'GET', path: `/${Bucket}/no/such` });
      expect(raw.headers['content-type']).toMatch(/^application\/xml/);
      expect(raw.body).toMatch(/<Error>.*<RequestId>[^<]+<\/RequestId>.*<\/Error>/s);
      const { errorMessages } = connection.features;
      expect(raw.body.includes('<Message>The specified key does not exist.</Message>')).toBe(
        errorMessages,
      );
    });

    it('obeys If-Match and If-None-Match', async () => {
      await put('conditional', 'v1');
      const { client, bucket: Bucket } = current();
      const Key = 'conditional';
      const { ETag = '' } = await client.send(new HeadObjectCommand({ Bucket, Key }));
      const get = (condition: object): Promise<string> =>
        outcome(client.send(new GetObjectCommand({ Bucket, Key, ...condition })));
      expect(await get({ IfMatch: ETag })).toBe('ok');
      expect(await get({ IfMatch: '"0"' })).toMatch(/^412/);
      expect(await get({ IfNoneMatch: ETag })).toMatch(/^304/);
      expect(await get({ IfNoneMatch: '"0"' })).toBe('ok');
    });
  });

  describe('DeleteObject', () => {
    it('removes the object, and does not mind a missing one', async () => {
      await put('deleted', 'x');
      const { client, bucket: Bucket } = current();
      const remove = (): Promise<unknown> =>
        client.send(new DeleteObjectCommand({ Bucket, Key: 'deleted' }));
      await remove();
      const head = client.send(new HeadObjectCommand({ Bucket, Key: 'deleted' }));
      expect(await outcome(head)).toBe('404 NotFound');
      await remove();
    });
  });

  describe('keys', () => {
    it.each(ODD_KEYS)('writes, reads, lists and removes %j', async (key) => {
      const { client, bucket: Bucket } = current();
      await put(key, `content of ${key}`);
      expect((await current().read(key)).toString()).toBe(`content of ${key}`);
      expect(await current().keys(key)).toEqual([key]);
      await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
      expect(await current().keys(key)).toEqual([]);
    });

    it('keeps keys apart that a file system would mix up', async () => {
      const keys = ['mix/A', 'mix/a', 'mix/a/', 'mix/a/b', 'mix//a', 'mix/a ', 'mix/%61'];
      for (const key of keys) await put(key, key);
      for (const key of keys) expect((await current().read(key)).toString()).toBe(key);
    });

    it('refuses a key longer than 1024 bytes', async () => {
      await put('k'.repeat(1024), 'x');
      expect(await outcome(put('k'.repeat(1025), 'x'))).toMatch(/^400/);
    });
  });

  describe('writes that meet', () => {
    it('leaves one whole object when many overwrite it, while readers see whole ones', async () => {
      const versions = Array.from({ length: 8 }, (_, i) => Buffer.alloc(MIB, `${i}`));
      await put('contended', versions[0] ?? '');
      const writes = versions.map((version) => put('contended', version));
      const reads = versions.map(() => current().read('contended'));
      const [seen] = await Promise.all([Promise.all(reads), Promise.all(writes)]);
      for (const bytes of [...seen, await current().read('contended')]) {
        expect(bytes).toHaveLength(MIB);
        expect(versions.some((version) => version.equals(bytes))).toBe(true);
      }
    });

    it('finishes a download of an object that is overwritten and removed meanwhile', async () => {
      const before = randomBytes(24 * MIB);
      await put('replaced', before);
      const { client, bucket: Bucket } = current();
      const got = await client.send(new GetObjectCommand({ Bucket, Key: 'replaced' }));
      await put('replaced', 'after');
      await client.send(new DeleteObjectCommand({ Bucket, Key: 'replaced' }));
      const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
      expect(bytes.equals(before)).toBe(true);
    });

    it('lets exactly one of many If-None-Match: * writes win', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          outcome(put('first-wins', `${i}`, { IfNoneMatch: '*' })),
        ),
      );
      expect(outcomes.filter((o) => o === 'ok')).toHaveLength(1);
      const winner = outcomes.indexOf('ok');
      expect((await current().read('first-wins')).toString()).toBe(`${winner}`);
      expect(await outcome(put('first-wins', 'late', { IfNoneMatch: '*' }))).toBe(
        '412 PreconditionFailed',
      );
    });
  });
}
