/** The bytes of a staged object, by what tells whether they are still those that were staged (G2). */
export interface StagedBytes {
  /** Bytes as they are stored, so compressed ones where the file is. */
  readonly size: number;
  /** With its quotes; undefined where a version of this package staged the file that did not keep it. */
  readonly etag: string | undefined;
  /** Of the stored bytes; undefined like `etag`. */
  readonly crc32: number | undefined;
}

/** What was seen of an object: its head, or all of it. */
export interface SeenBytes {
  readonly size: number;
  readonly etag?: string | undefined;
  readonly crc32?: number;
}

/** It is in a header, and in a line of configuration that a function of ours makes of it: nothing to escape. */
const ETAG = /^"[A-Za-z0-9+/=._:,;@~-]{1,200}"$/;

/**
 * The form by which ETags are compared. A server in between may make one weak, and some stores leave the quotes out.
 * Undefined for what cannot be sent back in a header.
 */
export function comparableEtag(etag: string | undefined): string | undefined {
  if (etag === undefined) return undefined;
  const opaque = etag.replace(/^W\//, '').replace(/^"|"$/g, '');
  const quoted = `"${opaque}"`;
  return ETAG.test(quoted) ? quoted : undefined;
}

/** In which way an object is not the one that was staged, to complete "it …"; undefined when nothing speaks for that. */
export function bytesDifference(staged: StagedBytes, seen: SeenBytes): string | undefined {
  if (seen.size !== staged.size) return `has ${seen.size} bytes instead of ${staged.size}`;
  const etag = comparableEtag(seen.etag);
  if (staged.etag !== undefined && etag !== undefined && etag !== staged.etag)
    return `has another ETag (${etag} instead of ${staged.etag})`;
  if (staged.crc32 !== undefined && seen.crc32 !== undefined && seen.crc32 !== staged.crc32)
    return 'has another checksum (CRC-32)';
  return undefined;
}
