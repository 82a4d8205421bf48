import { sha256Hex } from './signature.ts';

/**
 * ETags are a function of the bytes, as AWS's are: bytes sent again after a lost answer have the same one. They are
 * made of the SHA-256 that the signature needs anyhow; an MD5 would cost more than all the rest of an upload. AWS
 * promises an MD5 only for some objects, and marks the others with a hyphen and the number of their parts. Clients that
 * hold an ETag against their own MD5 leave those alone, so every ETag here has that form.
 */

const DIGITS = 32;

/** Without quotes. */
export function entityTag(sha256: string): string {
  return `${sha256.slice(0, DIGITS)}-1`;
}

/** The ETag of an object made of parts with these ETags; without quotes. */
export function joinedEntityTag(parts: readonly string[]): string {
  return `${sha256Hex(parts.join('\n')).slice(0, DIGITS)}-${parts.length}`;
}
