import type { BucketFolder } from './bucket-folder.ts';
import type { AuthenticatedRequest, Reply } from './operation.ts';
import { S3Error } from './s3-error.ts';
import { type XmlElement, xmlDocument } from './xml.ts';

export function listBuckets(store: BucketFolder): Reply {
  const buckets = store.list().map(
    ({ name, created }): XmlElement => [
      'Bucket',
      [
        ['Name', name],
        ['CreationDate', created],
      ],
    ],
  );
  const xml = xmlDocument([
    'ListAllMyBucketsResult',
    [
      ['Owner', [['ID', 'owner']]],
      ['Buckets', buckets],
    ],
  ]);
  return { status: 200, xml };
}

/** As on AWS, creating a bucket that you already own is an error everywhere except in us-east-1. */
export async function createBucket(
  store: BucketFolder,
  request: AuthenticatedRequest,
): Promise<Reply> {
  const { bucket } = request.head.target;
  // The body may name a region; there is only one, but its hash is still held against the signature.
  if (Number(request.head.headers.get('content-length') ?? 0) > 0) {
    await request.receive(() => undefined);
  }
  if (store.has(bucket) && request.region !== 'us-east-1') {
    throw new S3Error('BucketAlreadyOwnedByYou', undefined, { BucketName: bucket });
  }
  await store.create(bucket, request.now.toISOString());
  return { status: 200, headers: { location: `/${bucket}` } };
}

export function headBucket(store: BucketFolder, request: AuthenticatedRequest): Reply {
  store.get(request.head.target.bucket);
  return { status: 200, headers: { 'x-amz-bucket-region': request.region } };
}

export function deleteBucket(store: BucketFolder, request: AuthenticatedRequest): Reply {
  store.remove(request.head.target.bucket);
  return { status: 204 };
}

/** us-east-1 is written as nothing, for historical reasons of AWS. */
export function getBucketLocation(store: BucketFolder, request: AuthenticatedRequest): Reply {
  store.get(request.head.target.bucket);
  const location = request.region === 'us-east-1' ? '' : request.region;
  return { status: 200, xml: xmlDocument(['LocationConstraint', location]) };
}
