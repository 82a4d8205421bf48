import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Error } from './s3-error.ts';

/** The additional checksums of S3 that Node can compute. */
export type ChecksumAlgorithm = 'crc32' | 'sha1' | 'sha256';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64 of the big-endian bytes. */
  readonly value: string;
}

/** A checksum the client announced: its value, or that it follows in a trailer. */
export interface DeclaredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value?: string;
}

const PREFIX = 'x-amz-checksum-';
// x-amz-checksum-… headers that are not checksums themselves.
const SETTINGS = new Set(['algorithm', 'mode', 'type']);
const VALUE_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = { crc32: 4, sha1: 20, sha256: 32 };

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return PREFIX + algorithm;
}

function algorithmNamed(name: string): ChecksumAlgorithm {
  if (name === 'crc32' || name === 'sha1' || name === 'sha256') return name;
  throw new S3Error(
    'NotImplemented',
    `The checksum algorithm ${name} is not implemented; use CRC32, SHA1 or SHA256.`,
  );
}

/** The one checksum a request declares in a header or, by x-amz-trailer, in its trailer. */
export function declaredChecksum(
  headers: ReadonlyMap<string, string>,
): DeclaredChecksum | undefined {
  const declared: DeclaredChecksum[] = [];
  for (const [header, value] of headers) {
    const name = header.startsWith(PREFIX) ? header.slice(PREFIX.length) : undefined;
    if (name === undefined || SETTINGS.has(name)) continue;
    const algorithm = algorithmNamed(name);
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length !== VALUE_BYTES[algorithm] || bytes.toString('base64') !== value) {
      throw new S3Error('InvalidRequest', `Value for ${header} header is invalid.`);
    }
    declared.push({ algorithm, value });
  }
  for (const name of trailerNames(headers)) {
    if (name.startsWith(PREFIX)) {
      declared.push({ algorithm: algorithmNamed(name.slice(PREFIX.length)) });
    }
  }
  if (declared.length > 1) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  return declared[0];
}

/** The trailers a request promises, lower case. */
export function trailerNames(headers: ReadonlyMap<string, string>): string[] {
  const list = headers.get('x-amz-trailer') ?? '';
  return list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
}

/** Computes one checksum over bytes given piece by piece. */
export interface ChecksumRun {
  update(bytes: Buffer): void;
  /** Base64. May be called once. */
  value(): string;
}

export function startChecksum(algorithm: ChecksumAlgorithm): ChecksumRun {
  if (algorithm !== 'crc32') {
    const hash = createHash(algorithm);
    return { update: (bytes) => void hash.update(bytes), value: () => hash.digest('base64') };
  }
  let sum = 0;
  return {
    update: (bytes) => {
      sum = crc32(bytes, sum);
    },
    value: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(sum);
      return bytes.toString('base64');
    },
  };
}
