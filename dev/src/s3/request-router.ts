import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './bucket-operations.ts';
import {
  listMultipartUploads,
  listObjectsV1,
  listObjectsV2,
  listParts,
} from './listing-operations.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from './multipart-operations.ts';
import { deleteManyObjects, deleteObject, getObject, putObject } from './object-operations.ts';
import type { Operation } from './operation.ts';
import type { RequestHead } from './request-head.ts';
import { queryValue } from './request-target.ts';
import { S3Error } from './s3-error.ts';

/**
 * Query parameters that turn a request into an operation of which this server knows nothing.
 * Overlooking one would be worse than refusing it: PUT ?acl would overwrite the object.
 */
const UNKNOWN_SUBRESOURCES = new Set(
  (
    'accelerate acl analytics append attributes cors encryption intelligent-tiering inventory legal-hold ' +
    'lifecycle logging metadataTable metrics notification object-lock ownershipControls policy policyStatus ' +
    'publicAccessBlock renameObject replication requestPayment restore retention select session tagging ' +
    'torrent versionId versioning versions website'
  ).split(' '),
);

type Methods = Readonly<Record<string, Operation>>;

const SERVICE: Methods = { GET: listBuckets };
const BUCKET: Methods = {
  GET: listObjectsV1,
  PUT: createBucket,
  HEAD: headBucket,
  DELETE: deleteBucket,
};
const OBJECT: Methods = {
  GET: getObject,
  HEAD: getObject,
  PUT: putObject,
  DELETE: deleteObject,
};
const UPLOAD: Methods = {
  GET: listParts,
  PUT: uploadPart,
  POST: completeMultipartUpload,
  DELETE: abortMultipartUpload,
};

/** The operation a request asks for. Throws MethodNotAllowed or NotImplemented. */
export function chooseOperation(head: RequestHead): Operation {
  const unknown = head.target.query.find(([name]) => UNKNOWN_SUBRESOURCES.has(name));
  if (unknown) {
    throw new S3Error('NotImplemented', `The sub-resource ?${unknown[0]} is not implemented.`);
  }
  const operation = operationsOf(head)[head.method];
  if (!operation) {
    throw new S3Error('MethodNotAllowed', undefined, { Method: head.method });
  }
  return operation;
}

function operationsOf(head: RequestHead): Methods {
  const { target } = head;
  const has = (name: string): boolean => queryValue(target, name) !== undefined;
  if (target.bucket === '') return SERVICE;
  if (target.key === '') {
    if (has('location')) return { GET: getBucketLocation };
    if (has('uploads')) return { GET: listMultipartUploads };
    if (has('delete')) return { POST: deleteManyObjects };
    return queryValue(target, 'list-type') === '2' ? { ...BUCKET, GET: listObjectsV2 } : BUCKET;
  }
  if (has('uploadId')) return UPLOAD;
  if (has('uploads')) return { POST: createMultipartUpload };
  if (has('partNumber')) throw new S3Error('NotImplemented', 'partNumber needs an uploadId here.');
  return OBJECT;
}
