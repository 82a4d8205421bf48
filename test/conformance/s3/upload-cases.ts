import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { sendSigned } from './raw-request.ts';
import { outcome, type ServerUnderTest } from './server-under-test.ts';

const MIB = 1024 * 1024;

/** Buckets, and uploads in one request. */
export function uploadCases(current: () => ServerUnderTest): void {
  describe('buckets', () => {
    it('are created, listed, found and removed', async () => {
      const { client, bucket } = current();
      const Bucket = `${bucket}-other`;
      await client.send(new CreateBucketCommand({ Bucket }));
      const { Buckets } = await client.send(new ListBucketsCommand({}));
      expect(Buckets?.map(({ Name }) => Name)).toEqual(expect.arrayContaining([bucket, Bucket]));
      await client.send(new HeadBucketCommand({ Bucket }));
      await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
      expect(await outcome(client.send(new DeleteBucketCommand({ Bucket })))).toBe(
        '409 BucketNotEmpty',
      );
      await sendSigned(current().connection, { method: 'DELETE', path: `/${Bucket}/k` });
      await client.send(new DeleteBucketCommand({ Bucket }));
      expect(await outcome(client.send(new HeadBucketCommand({ Bucket })))).toBe('404 NotFound');
      expect(
        await outcome(client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))),
      ).toBe('404 NoSuchBucket');
    });
  });

  describe('PutObject', () => {
    it('keeps bytes, type and metadata, and answers with an ETag of the bytes', async () => {
      const { client, bucket: Bucket, connection } = current();
      const Body = randomBytes(3 * MIB + 17);
      const md5 = createHash('md5').update(Body).digest('hex');
      const put = await client.send(
        new PutObjectCommand({
          ...{ Bucket, Key: 'put/buffer', Body, ContentType: 'text/csv' },
          Metadata: { source: 'unit 7', 'with-dash': 'a,b;c' },
        }),
      );
      const { ETag } = put;
      // Clients take an ETag of 32 digits for an MD5, and hold it against theirs.
      if (connection.features.etagIsMd5) expect(ETag).toBe(`"${md5}"`);
      else expect(ETag).toMatch(/^"[0-9a-f]{32}-1"$/);
      const got = await client.send(new GetObjectCommand({ Bucket, Key: 'put/buffer' }));
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(true);
      expect(got).toMatchObject({
        ...{ ETag, ContentType: 'text/csv', ContentLength: Body.length },
        Metadata: { source: 'unit 7', 'with-dash': 'a,b;c' },
      });
      const age = Date.now() - (got.LastModified?.getTime() ?? 0);
      expect(Math.abs(age)).toBeLessThan(60_000);
    });

    it('keeps an empty object', async () => {
      const { client, bucket: Bucket } = current();
      await client.send(new PutObjectCommand({ Bucket, Key: 'put/empty', Body: Buffer.alloc(0) }));
      const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'put/empty' }));
      expect(head.ContentLength).toBe(0);
      expect(await current().read('put/empty')).toHaveLength(0);
    });

    it('stores a stream without chunk framing when no checksum is asked for', async () => {
      const { plainClient, bucket: Bucket } = current();
      const bytes = randomBytes(2 * MIB + 5);
      await plainClient.send(
        new PutObjectCommand({
          ...{ Bucket, Key: 'put/stream-plain', ContentLength: bytes.length },
          Body: Readable.from(slices(bytes, 70_001)),
        }),
      );
      expect((await current().read('put/stream-plain')).equals(bytes)).toBe(true);
    });

    it('stores a stream with a CRC32 trailer as its payload, or refuses it', async () => {
      const { client, bucket: Bucket, connection } = current();
      const bytes = randomBytes(2 * MIB + 5);
      const put = client.send(
        new PutObjectCommand({
          ...{ Bucket, Key: 'put/stream-trailer', ContentLength: bytes.length },
          Body: Readable.from(slices(bytes, 70_001)),
        }),
      );
      if (!connection.features.checksums) {
        expect(await outcome(put)).toBe('411 MissingContentLength');
        return;
      }
      await put;
      expect((await current().read('put/stream-trailer')).equals(bytes)).toBe(true);
    });

    it('keeps Content-Encoding, and keeps aws-chunked out of it', async () => {
      const { client, plainClient, bucket: Bucket, connection } = current();
      const bytes = Buffer.from('not really gzip');
      const Body = (): Readable => Readable.from([bytes]);
      const common = { Bucket, ContentEncoding: 'gzip', ContentLength: bytes.length };
      await plainClient.send(new PutObjectCommand({ ...common, Key: 'put/gzip', Body: Body() }));
      const keys = ['put/gzip'];
      if (connection.features.checksums) {
        await client.send(new PutObjectCommand({ ...common, Key: 'put/gzip-2', Body: Body() }));
        keys.push('put/gzip-2');
      }
      for (const Key of keys) {
        const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
        expect(head.ContentEncoding).toBe('gzip');
      }
    });

    it('keeps metadata outside ASCII, or refuses it', async () => {
      const { client, bucket: Bucket, connection } = current();
      const Metadata = { name: 'Zoë' };
      // With a string as the body Node would send the headers as UTF-8 and read them back as latin1.
      const Body = Buffer.from('x');
      const put = client.send(new PutObjectCommand({ Bucket, Key: 'put/meta', Body, Metadata }));
      if (!connection.features.nonAsciiMetadata) {
        expect(await outcome(put)).toBe('403 SignatureDoesNotMatch');
        return;
      }
      await put;
      const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'put/meta' }));
      expect(head.Metadata).toEqual(Metadata);
    });
  });

  describe('a body that is not what was promised', () => {
    const refused: readonly [what: string, headers: Record<string, string>, error: RegExp][] = [
      ['a wrong Content-MD5', { 'content-md5': md5Of('other') }, /^400 BadDigest/],
      ['a malformed Content-MD5', { 'content-md5': 'AAAA' }, /^400 InvalidDigest/],
    ];
    const refusedWithChecksums: typeof refused = [
      ['a wrong CRC32', { 'x-amz-checksum-crc32': 'AAAAAA==' }, /^400 BadDigest/],
      ['a malformed CRC32', { 'x-amz-checksum-crc32': 'AAAA' }, /^400 InvalidRequest/],
      [
        'a wrong SHA-256 checksum',
        { 'x-amz-checksum-sha256': sha256Of('other') },
        /^400 BadDigest/,
      ],
    ];
    const put = async (headers: Record<string, string>): Promise<string> => {
      const path = `/${current().bucket}/refused`;
      const body = Buffer.from('content');
      const answer = await sendSigned(current().connection, { method: 'PUT', path, headers, body });
      return `${answer.status} ${answer.code}`;
    };

    it.each(refused)('is refused and not stored: %s', async (_, headers, error) => {
      expect(await put(headers)).toMatch(error);
      expect(await current().keys('refused')).toEqual([]);
    });

    it.each(refusedWithChecksums)('is refused where checksums are verified: %s', async (...row) => {
      const [, headers, error] = row;
      if (!current().connection.features.checksums) {
        expect(await put(headers)).toMatch(/^200/);
        await sendSigned(current().connection, {
          ...{ method: 'DELETE', path: `/${current().bucket}/refused` },
        });
        return;
      }
      expect(await put(headers)).toMatch(error);
      expect(await current().keys('refused')).toEqual([]);
    });

    it('is accepted with the right digests', async () => {
      const { connection, bucket } = current();
      const headers = {
        'content-md5': md5Of('content'),
        'x-amz-checksum-sha256': sha256Of('content'),
      };
      const path = `/${bucket}/right-digests`;
      const body = Buffer.from('content');
      const answer = await sendSigned(connection, { method: 'PUT', path, headers, body });
      expect(answer.status).toBe(200);
    });
  });
}

function slices(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

function md5Of(text: string): string {
  return createHash('md5').update(text).digest('base64');
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
