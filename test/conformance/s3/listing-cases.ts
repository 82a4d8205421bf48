import {
  DeleteObjectsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerUnderTest } from './server-under-test.ts';

const MANY = 1050;
const PARALLEL = 25;

/** In the order S3 promises: by UTF-8 bytes, so U+FF5E comes before U+1F600, against UTF-16. */
const UNICODE_KEYS = ['u/A', 'u/Z', 'u/a', 'u/é', 'u/日', 'u/～', 'u/😀'];
const TREE = ['t/1', 't/a/1', 't/a/2', 't/a/b/3', 't/b', 't/c/1', 't/d'];

function manyKeys(): string[] {
  return Array.from({ length: MANY }, (_, i) => `many/${String(i).padStart(5, '0')}`);
}

export function listingCases(current: () => ServerUnderTest): void {
  const putAll = async (keys: readonly string[]): Promise<void> => {
    const left = [...keys];
    const worker = async (): Promise<void> => {
      for (let Key = left.pop(); Key !== undefined; Key = left.pop()) {
        const { client, bucket: Bucket } = current();
        await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  };

  describe('listing', () => {
    beforeAll(async () => {
      await putAll([...TREE, ...UNICODE_KEYS]);
    });
    const list = (query: object) =>
      current().client.send(new ListObjectsV2Command({ Bucket: current().bucket, ...query }));

    it('finds 1050 objects written in parallel, in pages of 400, and removes them', async () => {
      const { client, bucket: Bucket } = current();
      await putAll(manyKeys());
      const pages: string[][] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await list({ Prefix: 'many/', MaxKeys: 400, ContinuationToken });
        pages.push((page.Contents ?? []).map(({ Key }) => Key ?? ''));
        expect(page.KeyCount).toBe(pages.at(-1)?.length);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      expect(pages.map((page) => page.length)).toEqual([400, 400, 250]);
      expect(pages.flat()).toEqual(manyKeys());
      const [some, rest] = [manyKeys().slice(0, 1000), manyKeys().slice(1000)];
      for (const keys of [some, rest]) {
        const Objects = keys.map((Key) => ({ Key }));
        const done = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
        expect(done.Deleted).toHaveLength(keys.length);
      }
      expect((await list({ Prefix: 'many/' })).KeyCount).toBe(0);
    });

    it('orders keys by their UTF-8 bytes', async () => {
      const page = await list({ Prefix: 'u/' });
      expect(page.Contents?.map(({ Key }) => Key)).toEqual(UNICODE_KEYS);
    });

    it('tells size, ETag and time of each object', async () => {
      const page = await list({ Prefix: 't/1' });
      expect(page.Contents?.[0]).toMatchObject({ Key: 't/1', Size: 3 });
      expect(page.Contents?.[0]?.ETag).toMatch(/^"[0-9a-f]{32}(-1)?"$/);
      expect(page.Contents?.[0]?.LastModified).toBeInstanceOf(Date);
    });

    it('rolls keys up to the delimiter, also over page ends', async () => {
      const entries: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await list({ Prefix: 't/', Delimiter: '/', MaxKeys: 1, ContinuationToken });
        entries.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
        entries.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      expect(entries).toEqual(['t/1', 't/a/', 't/b', 't/c/', 't/d']);
    });

    it('begins after a given key, whether or not it is there', async () => {
      for (const [StartAfter, expected] of [
        ['t/b', ['t/c/1', 't/d']],
        ['t/bb', ['t/c/1', 't/d']],
        ['t/z', []],
      ] as const) {
        const page = await list({ Prefix: 't/', StartAfter });
        expect((page.Contents ?? []).map(({ Key }) => Key)).toEqual(expected);
      }
    });

    it('encodes keys on request', async () => {
      const { client, bucket: Bucket } = current();
      const Key = 'enc/a b+ü%.csv';
      await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
      const page = await list({ Prefix: 'enc/', EncodingType: 'url' });
      expect(page.EncodingType).toBe('url');
      expect(decodeURIComponent(page.Contents?.[0]?.Key ?? '')).toBe(Key);
      expect(page.Contents?.[0]?.Key).toContain('%25');
    });

    it('answers the first version of ListObjects, with markers, as Greenplum asks', async () => {
      const { client, bucket: Bucket } = current();
      const keys: string[] = [];
      let Marker: string | undefined;
      for (let truncated = true; truncated; ) {
        const page = await client.send(
          new ListObjectsCommand({ Bucket, Prefix: 't/', MaxKeys: 3, Marker }),
        );
        keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
        truncated = page.IsTruncated ?? false;
        Marker = keys.at(-1);
      }
      expect(keys).toEqual(TREE);
      const rolled = await client.send(
        new ListObjectsCommand({ Bucket, Prefix: 't/', Delimiter: '/', MaxKeys: 2 }),
      );
      expect(rolled.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['t/a/']);
      expect(rolled.NextMarker).toBe('t/a/');
      const rest = await client.send(
        new ListObjectsCommand({
          ...{ Bucket, Prefix: 't/', Delimiter: '/' },
          Marker: rolled.NextMarker,
        }),
      );
      expect(rest.Contents?.map(({ Key }) => Key)).toEqual(['t/b', 't/d']);
      expect(rest.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['t/c/']);
    });
  });
}
