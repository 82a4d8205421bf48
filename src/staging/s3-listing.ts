import type { StoredObject, UnfinishedUpload } from './object-store.ts';
import type { S3Calls } from './s3-calls.ts';

interface Listed {
  readonly bucket: string;
  readonly prefix: string;
  readonly signal: AbortSignal | undefined;
}

/** Multipart uploads whose keys begin with the prefix, page by page. */
export async function* unfinishedUploads(
  calls: S3Calls,
  { bucket, prefix, signal }: Listed,
): AsyncGenerator<UnfinishedUpload> {
  const call = { operation: 'ListMultipartUploads', key: prefix, signal };
  let page: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
  while (page !== undefined) {
    const marker: { KeyMarker?: string; UploadIdMarker?: string } = page;
    const answer = await calls.repeated(call, ({ sdk, client }, options) => {
      const input = { Bucket: bucket, Prefix: prefix, ...marker };
      return client.send(new sdk.ListMultipartUploadsCommand(input), options);
    });
    for (const { Key = '', UploadId = '', Initiated } of answer.Uploads ?? []) {
      yield { key: Key, uploadId: UploadId, initiated: Initiated ?? new Date(0) };
    }
    const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = answer;
    page =
      IsTruncated && KeyMarker !== undefined
        ? { KeyMarker, ...(UploadIdMarker === undefined ? {} : { UploadIdMarker }) }
        : undefined;
  }
}

/** Objects whose keys begin with the prefix, page by page. */
export async function* storedObjects(
  calls: S3Calls,
  { bucket, prefix, signal }: Listed,
): AsyncGenerator<StoredObject> {
  const call = { operation: 'ListObjectsV2', key: prefix, signal };
  let token: string | undefined;
  do {
    const page = token === undefined ? {} : { ContinuationToken: token };
    const answer = await calls.repeated(call, ({ sdk, client }, options) => {
      const input = { Bucket: bucket, Prefix: prefix, ...page };
      return client.send(new sdk.ListObjectsV2Command(input), options);
    });
    for (const { Key = '', Size = 0, ETag, LastModified } of answer.Contents ?? []) {
      yield { key: Key, size: Size, etag: ETag, lastModified: LastModified ?? new Date(0) };
    }
    token = answer.IsTruncated ? answer.NextContinuationToken : undefined;
  } while (token !== undefined);
}
