/** Looks into the S3 bucket of the test run, past the code under test. */

import { randomBytes } from 'node:crypto';
import {
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { StackS3 } from 'relyt-dev';
import { testStack } from './stack.ts';

export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** A prefix no other test uses, without a slash at either end. */
export function uniquePrefix(): string {
  return `test-${process.pid}-${randomBytes(5).toString('hex')}`;
}

/** A client for the shared server. Whoever makes it destroys it. */
export function testS3Client(s3: StackS3 = testStack().s3): S3Client {
  return new S3Client({
    endpoint: s3.endpoint,
    region: s3.region,
    credentials: { accessKeyId: s3.accessKey, secretAccessKey: s3.secretKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** Keys of all objects below `prefix`, sorted. */
export function listKeys(prefix: string, s3: StackS3 = testStack().s3): Promise<string[]> {
  return withClient(s3, async (client, Bucket) => {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix })) {
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
    }
    return keys.sort();
  });
}

/** Multipart uploads below `prefix` that were neither completed nor aborted. */
export function listUploads(
  prefix: string,
  s3: StackS3 = testStack().s3,
): Promise<UnfinishedUpload[]> {
  return withClient(s3, async (client, Bucket) => {
    const uploads: UnfinishedUpload[] = [];
    let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (;;) {
      const page = await client.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...marker }),
      );
      for (const { Key, UploadId } of page.Uploads ?? []) {
        uploads.push({ key: Key ?? '', uploadId: UploadId ?? '' });
      }
      if (page.IsTruncated !== true) return uploads;
      marker = {
        ...(page.NextKeyMarker === undefined ? {} : { KeyMarker: page.NextKeyMarker }),
        ...(page.NextUploadIdMarker === undefined
          ? {}
          : { UploadIdMarker: page.NextUploadIdMarker }),
      };
    }
  });
}

/** Deletes everything below `prefix`: for tests that stage objects by themselves. */
export async function deleteKeys(prefix: string, s3: StackS3 = testStack().s3): Promise<void> {
  const keys = await listKeys(prefix, s3);
  await withClient(s3, async (client, Bucket) => {
    for (let start = 0; start < keys.length; start += 1000) {
      const Objects = keys.slice(start, start + 1000).map((Key) => ({ Key }));
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    }
  });
}

async function withClient<T>(
  s3: StackS3,
  work: (client: S3Client, bucket: string) => Promise<T>,
): Promise<T> {
  const client = testS3Client(s3);
  try {
    return await work(client, s3.bucket);
  } finally {
    client.destroy();
  }
}
