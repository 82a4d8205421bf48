import type { S3FieldReader } from './s3-field-reader.ts';

export const SERVER_SIDE_ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;

export type ServerSideEncryption = (typeof SERVER_SIDE_ENCRYPTIONS)[number];

/** How the server is asked to encrypt staged files. */
export interface S3Encryption {
  readonly algorithm: ServerSideEncryption;
  /** Without one, KMS takes the key that AWS keeps for the bucket's account. */
  readonly kmsKeyId?: string;
}

/** Undefined: the server does what is set for the bucket. */
export function readEncryption(read: S3FieldReader): S3Encryption | undefined {
  const wanted = read.text('server_side_encryption', '');
  const kmsKeyId = read.text('sse_kms_key_id', '');
  if (!/^[\x21-\x7e]{0,2048}$/.test(kmsKeyId)) {
    throw read.refuse('sse_kms_key_id', 'the id, alias or ARN of a KMS key', kmsKeyId);
  }
  const algorithm = SERVER_SIDE_ENCRYPTIONS.find((known) => known === wanted);
  if (algorithm === undefined && wanted !== '') {
    const expected = `one of ${SERVER_SIDE_ENCRYPTIONS.join(', ')}`;
    throw read.refuse('server_side_encryption', expected, wanted);
  }
  if (kmsKeyId === '') return algorithm === undefined ? undefined : { algorithm };
  if (algorithm === undefined || algorithm === 'AES256') {
    const expected = `aws:kms or aws:kms:dsse, because ${read.nameOf('sse_kms_key_id')} names a key of KMS`;
    throw read.refuse('server_side_encryption', expected, wanted);
  }
  return { algorithm, kmsKeyId };
}
