import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { outcome, type ServerUnderTest } from './server-under-test.ts';

const MIB = 1024 * 1024;
const PART_BYTES = 5 * MIB;

/** One multipart upload through the SDK, step by step. */
class MultipartUpload {
  readonly parts: CompletedPart[] = [];
  readonly #client: S3Client;
  readonly #upload: { Bucket: string; Key: string; UploadId: string };

  private constructor(client: S3Client, upload: { Bucket: string; Key: string; UploadId: string }) {
    this.#client = client;
    this.#upload = upload;
  }

  static async begin(client: S3Client, Bucket: string, Key: string): Promise<MultipartUpload> {
    const made = await client.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/csv' }),
    );
    return new MultipartUpload(client, { Bucket, Key, UploadId: made.UploadId ?? '' });
  }

  get id(): string {
    return this.#upload.UploadId;
  }

  async put(PartNumber: number, Body: Buffer): Promise<void> {
    const sent = await this.#client.send(
      new UploadPartCommand({ ...this.#upload, PartNumber, Body }),
    );
    const { ETag, ChecksumCRC32 } = sent;
    this.parts.push({ PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) });
  }

  async complete(Parts: readonly CompletedPart[] = this.parts): Promise<string | undefined> {
    const done = await this.#client.send(
      new CompleteMultipartUploadCommand({
        ...this.#upload,
        MultipartUpload: { Parts: [...Parts] },
      }),
    );
    return done.ETag;
  }

  async abort(): Promise<void> {
    await this.#client.send(new AbortMultipartUploadCommand(this.#upload));
  }

  async listParts(MaxParts?: number, PartNumberMarker?: string) {
    return this.#client.send(
      new ListPartsCommand({
        ...this.#upload,
        ...(MaxParts !== undefined && { MaxParts }),
        ...(PartNumberMarker !== undefined && { PartNumberMarker }),
      }),
    );
  }
}

export function multipartCases(current: () => ServerUnderTest): void {
  const begin = (key: string): Promise<MultipartUpload> =>
    MultipartUpload.begin(current().client, current().bucket, key);

  describe('multipart uploads', () => {
    for (const mode of ['client', 'plainClient'] as const) {
      it(`joins parts that arrive in any order (${mode})`, async () => {
        const { bucket: Bucket, [mode]: client, connection } = current();
        const Key = `multipart/${mode}`;
        const bytes = randomBytes(2 * PART_BYTES + 1234);
        const upload = await MultipartUpload.begin(client, Bucket, Key);
        const part = (n: number): Buffer => bytes.subarray((n - 1) * PART_BYTES, n * PART_BYTES);
        await Promise.all([3, 1, 2].map((n) => upload.put(n, part(n))));
        upload.parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
        const etag = await upload.complete();
        const md5s = [1, 2, 3].map((n) => createHash('md5').update(part(n)).digest());
        const joined = createHash('md5').update(Buffer.concat(md5s)).digest('hex');
        const { completeTellsEtag, etagIsMd5 } = connection.features;
        const expected = etagIsMd5 ? `${joined}-3` : expect.stringMatching(/^[0-9a-f]{32}-3$/);
        if (completeTellsEtag) expect(unquoted(etag)).toEqual(expected);
        expect((await current().read(Key)).equals(bytes)).toBe(true);
        const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
        expect(head).toMatchObject({ ContentLength: bytes.length, ContentType: 'text/csv' });
        expect(unquoted(head.ETag)).toEqual(expected);
        if (completeTellsEtag) expect(unquoted(head.ETag)).toBe(unquoted(etag));
        // A range across the seam of two parts.
        const Range = `bytes=${PART_BYTES - 10}-${PART_BYTES + 9}`;
        const got = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
        const seam = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
        expect(seam.equals(bytes.subarray(PART_BYTES - 10, PART_BYTES + 10))).toBe(true);
      });
    }

    it('takes the last version of a part, and leaves out parts that are not named', async () => {
      const upload = await begin('multipart/replaced');
      await upload.put(1, Buffer.alloc(100, 'a'));
      await upload.put(1, Buffer.alloc(100, 'b'));
      await upload.put(2, Buffer.alloc(100, 'c'));
      const named = [upload.parts[1] ?? {}];
      if (!current().connection.features.partsMayBeLeftOut) {
        expect(await outcome(upload.complete(named))).toBe('400 InvalidPart');
        await upload.abort();
        return;
      }
      await upload.complete(named);
      expect((await current().read('multipart/replaced')).toString()).toBe('b'.repeat(100));
    });

    it('shows nothing of an object before it is complete, and nothing after an abort', async () => {
      const upload = await begin('multipart/aborted');
      await upload.put(1, Buffer.alloc(PART_BYTES));
      expect(await current().keys('multipart/aborted')).toEqual([]);
      await upload.abort();
      const { completeAfterAbort } = current().connection.features;
      expect(await outcome(upload.complete())).toBe(completeAfterAbort);
      expect(await outcome(upload.put(2, Buffer.alloc(10)))).toBe('404 NoSuchUpload');
      expect(await outcome(upload.listParts())).toMatch(/^404 NoSuch/);
      expect(await current().keys('multipart/aborted')).toEqual([]);
    });

    it('answers a second CompleteMultipartUpload like the first', async () => {
      const upload = await begin('multipart/twice');
      await upload.put(1, Buffer.from('once'));
      const etag = await upload.complete();
      const again = await upload.complete();
      if (current().connection.features.completeTellsEtag) expect(again).toBe(etag);
      expect((await current().read('multipart/twice')).toString()).toBe('once');
    });

    it('refuses a part below 5 MiB that is not the last', async () => {
      const upload = await begin('multipart/small');
      await upload.put(1, Buffer.alloc(PART_BYTES - 1));
      await upload.put(2, Buffer.alloc(10));
      expect(await outcome(upload.complete())).toBe('400 EntityTooSmall');
      await upload.abort();
    });

    it('refuses unknown parts, wrong ETags and a wrong order', async () => {
      const upload = await begin('multipart/wrong');
      await upload.put(1, Buffer.alloc(PART_BYTES));
      await upload.put(2, Buffer.alloc(10));
      const [one = {}, two = {}] = upload.parts;
      const wrongTag = { ...two, ETag: '"00000000000000000000000000000000"' };
      expect(await outcome(upload.complete([one, { ...two, PartNumber: 3 }]))).toBe(
        '400 InvalidPart',
      );
      expect(await outcome(upload.complete([one, wrongTag]))).toBe('400 InvalidPart');
      if (current().connection.features.refusesPartsOutOfOrder) {
        expect(await outcome(upload.complete([two, one]))).toBe('400 InvalidPartOrder');
      }
      await upload.abort();
    });

    it('lists the parts of an upload in pages', async () => {
      const upload = await begin('multipart/parts');
      for (const n of [1, 2, 5]) await upload.put(n, Buffer.alloc(n));
      const first = await upload.listParts(2);
      expect(first.Parts?.map((p) => [p.PartNumber, p.Size])).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect(first.Parts?.[0]?.ETag).toBe(upload.parts[0]?.ETag);
      expect(first.IsTruncated).toBe(true);
      const second = await upload.listParts(2, first.NextPartNumberMarker);
      expect(second.Parts?.map((p) => p.PartNumber)).toEqual([5]);
      expect(second.IsTruncated).toBe(false);
      await upload.abort();
    });

    it('lists unfinished uploads by prefix and in pages', async () => {
      const { client, bucket: Bucket } = current();
      const uploads = [await begin('unfinished/b'), await begin('unfinished/a')];
      const other = await begin('elsewhere');
      const list = (markers = {}) =>
        client.send(
          new ListMultipartUploadsCommand({
            ...{ Bucket, Prefix: 'unfinished/', MaxUploads: 1 },
            ...markers,
          }),
        );
      const first = await list();
      expect(first.Uploads?.map((u) => [u.Key, u.UploadId])).toEqual([
        ['unfinished/a', uploads[1]?.id],
      ]);
      expect(first.IsTruncated).toBe(true);
      const second = await list({
        KeyMarker: first.NextKeyMarker,
        UploadIdMarker: first.NextUploadIdMarker,
      });
      expect(second.Uploads?.map((u) => u.Key)).toEqual(['unfinished/b']);
      expect(second.IsTruncated).toBe(false);
      for (const upload of [...uploads, other]) await upload.abort();
      expect((await list()).Uploads ?? []).toEqual([]);
    });
  });
}

/** Some servers quote ETags in answers, some do not. */
function unquoted(etag: string | undefined): string | undefined {
  return etag?.replaceAll('"', '');
}
