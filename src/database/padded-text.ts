/**
 * Secrets in COPY data. No setting logs them, but an error or a message of the server during COPY names the line it
 * is at, or the value, with the first 100 bytes of it. So every secret is behind so many others.
 */

const SHOWN_BY_COPY = 100;

/** For COPY; `unpadded` takes it off again. */
export function padded(text: string): string {
  return '.'.repeat(SHOWN_BY_COPY) + text;
}

/** SQL of the text that was padded. @param text SQL */
export function unpadded(text: string): string {
  return `pg_catalog.substr(${text}, ${SHOWN_BY_COPY + 1})`;
}
