import type { BroughtS3Client } from './brought-client.ts';
import { type ImportLimits, readImportLimits } from './import-limits.ts';
import { readCredentials, type S3Credentials } from './s3-credentials.ts';
import { readEncryption, type S3Encryption } from './s3-encryption.ts';
import { isAwsEndpoint, readEndpoint } from './s3-endpoint.ts';
import {
  type FieldNaming,
  type RawS3Settings,
  type S3FieldReader,
  s3FieldReader,
} from './s3-field-reader.ts';

/** Where staged files go, and how: LOADER_CONFIG() of the database, checked and completed. Holds secrets: never log it. */
export interface S3Settings extends ImportLimits {
  /** URL with scheme, without a path or a trailing slash. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** '' or 'a/b': neither a leading nor a trailing slash. */
  readonly prefix: string;
  readonly credentials: S3Credentials;
  /** Sends what the loader itself sends, instead of a client of these settings. */
  readonly client?: BroughtS3Client;
  /** What the server is asked to do with what it stores; left out: what is set for the bucket. */
  readonly encryption?: S3Encryption;
  /** Parallel part uploads of one file, 1 to 50; default 20. */
  readonly uploadConcurrency: number;
  /** Bytes of the first multipart parts, 5 MiB to 100 MiB; default 5 MiB. */
  readonly partSizeBytes: number;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`: for everything but AWS. */
  readonly forcePathStyle: boolean;
  readonly isAws: boolean;
}

const MIB = 1024 * 1024;
const DEFAULT_REGION = 'us-east-1';

/**
 * Checks and completes what LOADER_CONFIG returned. Missing and null fields take their defaults.
 * An endpoint without a scheme means https, except on a loopback host, where it means http.
 *
 * @param source Where the fields came from, for messages: `relyt_sys.LOADER_CONFIG()`; or what to call each of them.
 * @throws RelytError LOADER_CONFIG_INVALID names the field, what it may hold, and the source; never a secret.
 */
export function normalizeS3Settings(raw: RawS3Settings, source: string | FieldNaming): S3Settings {
  const nameOf = typeof source === 'string' ? fieldsOf(source) : source;
  const read = s3FieldReader(raw, nameOf);
  const endpoint = readEndpoint(read);
  const isAws = isAwsEndpoint(endpoint);
  const bucket = readBucket(read);
  const encryption = readEncryption(read);
  return {
    endpoint,
    region: readRegion(read),
    bucket,
    prefix: readPrefix(read),
    credentials: readCredentials(read),
    ...(encryption === undefined ? {} : { encryption }),
    uploadConcurrency: Math.min(read.integer('concurrency', 20, { min: 1 }), 50),
    partSizeBytes: read.integer('part_size', 5 * MIB, { min: 5 * MIB, max: 100 * MIB }),
    ...readImportLimits(read),
    // The certificate of *.s3.amazonaws.com does not cover a bucket name with a dot.
    forcePathStyle: !isAws || bucket.includes('.'),
    isAws,
  };
}

/** Names the fields of LOADER_CONFIG as they are there. */
export function fieldsOf(source: string): FieldNaming {
  return (field) => `\`${field}\` of ${source}`;
}

function readBucket(read: S3FieldReader): string {
  const bucket = read.text('bucket_name');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket) || bucket.includes('..')) {
    throw read.refuse('bucket_name', 'a bucket name of letters, digits, `.`, `_` and `-`', bucket);
  }
  return bucket;
}

function readRegion(read: S3FieldReader): string {
  const region = read.text('region', DEFAULT_REGION);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(region)) {
    throw read.refuse('region', "a region name, as in 'us-west-2'", region);
  }
  return region;
}

// Every engine has to read the keys: Greenplum cuts a location at a space and signs non-ASCII keys
// wrongly, quotes and shell characters would have to survive SQL and a command line, and `..` is
// resolved away by HTTP clients. So the plain characters only.
function readPrefix(read: S3FieldReader): string {
  const prefix = read.text('prefix', '');
  const segments = prefix.split('/').filter((segment) => segment !== '');
  const normal = segments.join('/');
  const wrong = segments.some(
    (name) => /^\.{1,2}$/.test(name) || !/^[A-Za-z0-9_.=+@-]+$/.test(name),
  );
  if (wrong || normal.length > 512) {
    const expected =
      'at most 512 letters, digits and `_ . = + @ -` in segments divided by `/`, no `.` or `..` segment';
    throw read.refuse('prefix', expected, prefix);
  }
  return normal;
}
