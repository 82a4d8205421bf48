import type { BroughtS3Client } from '../core/brought-client.ts';
import type { S3CredentialProvider } from '../core/s3-credentials.ts';
import type { ServerSideEncryption } from '../core/s3-encryption.ts';

/** Overrides of the S3 settings that LOADER_CONFIG() returns. Settings that you leave out come from there. */
export interface S3Config {
  /**
   * Endpoint, with or without a scheme.
   * @example 'https://s3.eu-central-1.amazonaws.com'
   */
  readonly endpoint?: string | undefined;
  /**
   * Region used for signing.
   * @example 'eu-central-1'
   */
  readonly region?: string | undefined;
  /**
   * Bucket.
   * @example 'loads'
   */
  readonly bucket?: string | undefined;
  /**
   * Prefix of all keys.
   * @example 'staging/'
   */
  readonly prefix?: string | undefined;
  /**
   * Access key id. With neither key, here or in the database, the AWS credentials of this process are used.
   * @example process.env.S3_ACCESS_KEY
   */
  readonly accessKey?: string | undefined;
  /**
   * Secret access key.
   * @example process.env.S3_SECRET_KEY
   */
  readonly secretKey?: string | undefined;
  /**
   * Session token of temporary credentials.
   * @example process.env.AWS_SESSION_TOKEN
   */
  readonly sessionToken?: string | undefined;
  /**
   * A function that returns keys, called before the first request and again before they expire: for a vault, or a role to
   * assume. Use it instead of `accessKey`, `secretKey` and `sessionToken`. Only for engines whose database reads by signed URLs
   * or by connections of the loader (`postgres`, `copy`).
   * @example fromTemporaryCredentials({ params: { RoleArn: 'arn:aws:iam::1:role/loads' } })
   */
  readonly credentials?: S3CredentialProvider | undefined;
  /**
   * An `S3Client` of the AWS SDK, or a configuration for one, for what the loader itself sends: its endpoint, keys,
   * request handler and middleware are yours. What the database reads comes from the settings beside it and from
   * LOADER_CONFIG; URLs for it are signed with the keys there, or else with those of the client. You destroy the client.
   * @example new S3Client({ endpoint: 'http://s3.internal:9000', region: 'eu-central-1' })
   */
  readonly client?: BroughtS3Client | undefined;
  /**
   * Number of part uploads of one file that run in parallel.
   * @example 4
   */
  readonly uploadConcurrency?: number | undefined;
  /**
   * Size of a multipart part, in bytes.
   * @example 16 * 1024 * 1024
   */
  readonly partSizeBytes?: number | undefined;
  /**
   * Maximum duration of an import, retries included, in seconds.
   * @example 1800
   */
  readonly importTimeoutSeconds?: number | undefined;
  /**
   * Maximum pause between two attempts, in seconds.
   * @example 30
   */
  readonly importErrorSleepSeconds?: number | undefined;
  /**
   * Encryption of staged files. Default: the encryption that is set for the bucket.
   * @example 'aws:kms'
   */
  readonly serverSideEncryption?: ServerSideEncryption | undefined;
  /**
   * Id, alias or ARN of the KMS key. Only with 'aws:kms' or 'aws:kms:dsse'; default: the key that AWS manages.
   * @example 'alias/loads'
   */
  readonly sseKmsKeyId?: string | undefined;
}
