import { RelytError } from '../errors.ts';

/** Where staged files go, and how: LOADER_CONFIG() of the database, checked and completed. Holds secrets: never log it. */
export interface S3Settings {
  /** URL with scheme, without a path or a trailing slash. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** '' or 'a/b': neither a leading nor a trailing slash. */
  readonly prefix: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
  /** Parallel part uploads of one file, 1 to 50; default 20. */
  readonly uploadConcurrency: number;
  /** Bytes of the first multipart parts, 5 MiB to 100 MiB; default 5 MiB. */
  readonly partSizeBytes: number;
  /** Seconds an import may take, its retries included; default 1800. */
  readonly importTimeoutSeconds: number;
  /** Seconds between two tries of an import, at most; default 10. */
  readonly importErrorSleepSeconds: number;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`: for everything but AWS. */
  readonly forcePathStyle: boolean;
  readonly isAws: boolean;
}

/** The fields of LOADER_CONFIG as they come from the database; early versions of it lack the later ones. */
export interface RawS3Settings {
  readonly endpoint?: unknown;
  readonly region?: unknown;
  readonly bucket_name?: unknown;
  readonly prefix?: unknown;
  readonly access_key?: unknown;
  readonly secret_key?: unknown;
  readonly session_token?: unknown;
  readonly concurrency?: unknown;
  readonly part_size?: unknown;
  readonly import_timeout?: unknown;
  readonly import_error_sleep_time?: unknown;
}

const MIB = 1024 * 1024;
/** A presigned URL lives a week at most, and no import may outlive the URLs it reads. */
const WEEK_SECONDS = 7 * 24 * 3600;
const DEFAULT_REGION = 'us-east-1';

/**
 * Checks and completes what LOADER_CONFIG returned. Missing and null fields take their defaults.
 * An endpoint without a scheme means https, except on a loopback host, where it means http.
 *
 * @param source Where the fields came from, for messages: `relyt_sys.LOADER_CONFIG()`.
 * @throws RelytError LOADER_CONFIG_INVALID names the field, what it may hold, and the source; never a secret.
 */
export function normalizeS3Settings(raw: RawS3Settings, source: string): S3Settings {
  const read = fieldReader(raw, source);
  const endpoint = normalizeEndpoint(read.text('endpoint'), read);
  const isAws = isAwsHost(new URL(endpoint).hostname);
  const bucket = normalizeBucket(read.text('bucket_name'), read);
  const sessionToken = read.secret('session_token', '');
  return {
    endpoint,
    region: normalizeRegion(read.text('region', DEFAULT_REGION), read),
    bucket,
    prefix: normalizePrefix(read.text('prefix', ''), read),
    accessKey: read.secret('access_key'),
    secretKey: read.secret('secret_key'),
    ...(sessionToken === '' ? {} : { sessionToken }),
    uploadConcurrency: Math.min(read.integer('concurrency', 20, { min: 1 }), 50),
    partSizeBytes: read.integer('part_size', 5 * MIB, { min: 5 * MIB, max: 100 * MIB }),
    importTimeoutSeconds: read.integer('import_timeout', 1800, { min: 1, max: WEEK_SECONDS }),
    importErrorSleepSeconds: read.integer('import_error_sleep_time', 10, { min: 0, max: 3600 }),
    // The certificate of *.s3.amazonaws.com does not cover a bucket name with a dot.
    forcePathStyle: !isAws || bucket.includes('.'),
    isAws,
  };
}

/**
 * The URL that S3 requests are sent to. A host that stands for all of AWS (`s3.amazonaws.com`, `cn.amazonaws.com`)
 * becomes the one of the region, so that no request is redirected; every other endpoint stays as it is.
 */
export function regionalEndpoint(settings: S3Settings): string {
  const { protocol, host } = new URL(settings.endpoint);
  const shared = ['s3.amazonaws.com', 'amazonaws.com', 'cn.amazonaws.com', 'amazonaws.com.cn'];
  if (!shared.includes(host)) return settings.endpoint;
  const partition = settings.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${protocol}//s3.${settings.region}.${partition}`;
}

type Field = keyof RawS3Settings;

interface FieldReader {
  text(field: Field, fallback?: string): string;
  secret(field: Field, fallback?: string): string;
  integer(field: Field, fallback: number, range: { min: number; max?: number }): number;
  refuse(field: Field, expected: string, got?: string): RelytError;
}

function fieldReader(raw: RawS3Settings, source: string): FieldReader {
  const refuse = (field: Field, expected: string, got?: string) => {
    const shown = got === undefined ? '' : `, got ${JSON.stringify(got)}`;
    const message = `Expected \`${field}\` of ${source} to be ${expected}${shown}`;
    return new RelytError('LOADER_CONFIG_INVALID', message, {
      details: { expected, ...(got === undefined ? {} : { got }) },
    });
  };
  const text = (field: Field, fallback?: string) => {
    const value = raw[field] ?? fallback;
    if (typeof value !== 'string') throw refuse(field, 'a text', describe(value));
    const trimmed = value.trim();
    if (trimmed === '' && fallback === undefined) throw refuse(field, 'a text', trimmed);
    return trimmed === '' && fallback !== undefined ? fallback : trimmed;
  };
  const secret = (field: Field, fallback?: string) => {
    const value = raw[field] ?? fallback;
    const valid = typeof value === 'string' && /^[\x21-\x7e]*$/.test(value.trim());
    if (!valid || (value.trim() === '' && fallback === undefined)) {
      throw refuse(field, 'a non-empty text of printable ASCII characters without spaces');
    }
    return value.trim();
  };
  const integer = (field: Field, fallback: number, range: { min: number; max?: number }) => {
    const value = raw[field] ?? fallback;
    const number = typeof value === 'string' ? parseDecimal(value) : value;
    const max = range.max ?? Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(number) || Number(number) < range.min || Number(number) > max) {
      const upper = range.max === undefined ? 'up' : `to ${range.max}`;
      throw refuse(field, `a whole number from ${range.min} ${upper}`, describe(value));
    }
    return Number(number);
  };
  return { text, secret, integer, refuse };
}

function parseDecimal(text: string): number {
  return /^\s*-?\d+\s*$/.test(text) ? Number(text) : Number.NaN;
}

function describe(value: unknown): string {
  return value === undefined || value === null ? 'nothing' : String(value);
}

function normalizeEndpoint(text: string, read: FieldReader): string {
  const expected =
    "a host, host:port, or http(s) URL without path, user or query, as in 's3.example.com:9000'";
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const candidate = hasScheme ? text : `https://${text}`;
  const url = URL.canParse(candidate) ? new URL(candidate) : undefined;
  // Whoever puts a user and password into the URL should not find them in an error message.
  const shown = text.includes('@') ? undefined : text;
  const plain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    /^\/*$/.test(url.pathname) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!plain || !/^[\x21-\x7e]+$/.test(text)) throw read.refuse('endpoint', expected, shown);
  const scheme = hasScheme ? url.protocol : isLoopback(url.hostname) ? 'http:' : 'https:';
  // `https:` hides its own port 443, and http its 80; an explicit port of the other scheme stays.
  return hasScheme ? url.origin : new URL(`${scheme}//${text}`).origin;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function isAwsHost(hostname: string): boolean {
  return /(^|\.)amazonaws\.com(\.cn)?$/.test(hostname);
}

function normalizeBucket(bucket: string, read: FieldReader): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket) || bucket.includes('..')) {
    throw read.refuse('bucket_name', 'a bucket name of letters, digits, `.`, `_` and `-`', bucket);
  }
  return bucket;
}

function normalizeRegion(region: string, read: FieldReader): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(region)) {
    throw read.refuse('region', "a region name, as in 'us-west-2'", region);
  }
  return region;
}

// Every engine has to read the keys: Greenplum cuts a location at a space and signs non-ASCII keys
// wrongly, quotes and shell characters would have to survive SQL and a command line, and `..` is
// resolved away by HTTP clients. So the plain characters only.
function normalizePrefix(prefix: string, read: FieldReader): string {
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
