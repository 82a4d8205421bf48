import { RelytError } from '../errors.ts';

/** The characters the database accepts in the URL of a staged file, up to its query. */
const PATH = /^\/(?:[A-Za-z0-9._~%+=,:@-]+\/)*$/;

/**
 * A location the database may download from: the URL of a bucket, or of a folder in it, with a slash at its end.
 * @throws RelytError CONFIG_INVALID
 */
export function normalizeLocation(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const pathname = url?.pathname.endsWith('/') ? url.pathname : `${url?.pathname ?? ''}/`;
  const plain =
    url !== undefined &&
    /^[\x21-\x7e]+$/.test(text) &&
    /^https?:$/.test(url.protocol) &&
    /^[a-z0-9.-]+$/.test(url.hostname) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '' &&
    // The URL class would resolve these away, and allow more than was written.
    !/(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|$)/i.test(text) &&
    PATH.test(pathname);
  if (plain) return `${url.origin}${pathname}`;
  throw new RelytError(
    'CONFIG_INVALID',
    'A location to allow is not the URL of a bucket or folder.',
    {
      hint: 'Write it as https://host/bucket/folder/ without user, query or `..`.',
    },
  );
}
