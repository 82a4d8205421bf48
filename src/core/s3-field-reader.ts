import { RelytError } from '../errors.ts';

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
  readonly server_side_encryption?: unknown;
  readonly sse_kms_key_id?: unknown;
}

export type S3Field = keyof RawS3Settings;

/** What a message calls a field: `bucket_name` of relyt_sys.LOADER_CONFIG(), or as the user wrote it. */
export type FieldNaming = (field: S3Field) => string;

/** Reads fields by kind; whatever is wrong with one is a LOADER_CONFIG_INVALID that names it. */
export interface S3FieldReader {
  /** Without spaces around it. A field without fallback must not be empty. */
  text(field: S3Field, fallback?: string): string;
  /** '' when the field is missing. The value is never shown. */
  secret(field: S3Field): string;
  integer(field: S3Field, fallback: number, range: WholeNumberRange): number;
  /** The error to throw. Give `got` only when it is not a secret. */
  refuse(field: S3Field, expected: string, got?: string): RelytError;
  nameOf(field: S3Field): string;
}

interface WholeNumberRange {
  readonly min: number;
  readonly max?: number;
}

export function s3FieldReader(raw: RawS3Settings, nameOf: FieldNaming): S3FieldReader {
  const refuse = (field: S3Field, expected: string, got?: string) => {
    const shown = got === undefined ? '' : `, got ${JSON.stringify(got)}`;
    const message = `Expected ${nameOf(field)} to be ${expected}${shown}.`;
    return new RelytError('LOADER_CONFIG_INVALID', message, {
      details: { expected, ...(got === undefined ? {} : { got }) },
    });
  };
  const text = (field: S3Field, fallback?: string) => {
    const value = raw[field] ?? fallback;
    if (typeof value !== 'string') throw refuse(field, 'a string', describe(value));
    const trimmed = value.trim();
    if (trimmed === '' && fallback === undefined) throw refuse(field, 'a string', trimmed);
    return trimmed === '' && fallback !== undefined ? fallback : trimmed;
  };
  const secret = (field: S3Field) => {
    const value = raw[field] ?? '';
    if (typeof value === 'string' && /^[\x21-\x7e]*$/.test(value.trim())) return value.trim();
    throw refuse(field, 'a string of printable ASCII characters without spaces');
  };
  const integer = (field: S3Field, fallback: number, range: WholeNumberRange) => {
    const value = raw[field] ?? fallback;
    const number = typeof value === 'string' ? parseDecimal(value) : value;
    const max = range.max ?? Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(number) || Number(number) < range.min || Number(number) > max) {
      const upper = range.max === undefined ? 'up' : `to ${range.max}`;
      throw refuse(field, `a whole number from ${range.min} ${upper}`, describe(value));
    }
    return Number(number);
  };
  return { text, secret, integer, refuse, nameOf };
}

function parseDecimal(text: string): number {
  return /^\s*-?\d+\s*$/.test(text) ? Number(text) : Number.NaN;
}

function describe(value: unknown): string {
  return value === undefined || value === null ? 'nothing' : String(value);
}
