/** Which format an input has. Whether it is compressed is not asked here: gzip is known by its first bytes. */

export type InputFormat =
  | { readonly kind: 'csv'; readonly delimiter: ',' | '\t' }
  | { readonly kind: 'ndjson' };

const BY_EXTENSION = new Map<string, InputFormat>([
  ['csv', { kind: 'csv', delimiter: ',' }],
  ['tsv', { kind: 'csv', delimiter: '\t' }],
  ['tab', { kind: 'csv', delimiter: '\t' }],
  ['ndjson', { kind: 'ndjson' }],
  ['jsonl', { kind: 'ndjson' }],
]);

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** What decides the format, in this order; all that is known. */
export interface FormatClues {
  /** What the user said. */
  readonly format?: 'csv' | 'ndjson' | undefined;
  /** File name or path; `.gz` at its end is ignored. */
  readonly fileName?: string | undefined;
  /** First bytes of the decompressed input. */
  readonly head?: Uint8Array | undefined;
}

/**
 * The format the user named, else the one the file name ends with, else the one the first byte that is not
 * blank suggests: `{` or `[` begins JSON (which the reader refuses with advice if it is an array), all else is CSV.
 * Only a name can tell that a file is separated by tabs; it does so also when the user said `csv`.
 */
export function inputFormat(clues: FormatClues): InputFormat {
  const named = BY_EXTENSION.get(extension(clues.fileName ?? ''));
  if (clues.format !== undefined && clues.format !== named?.kind) {
    return clues.format === 'csv' ? { kind: 'csv', delimiter: ',' } : { kind: 'ndjson' };
  }
  return named ?? sniff(clues.head ?? new Uint8Array());
}

function extension(fileName: string): string {
  const name = fileName.toLowerCase().replace(/\.gz$/, '');
  return /\.([^./\\]+)$/.exec(name)?.[1] ?? '';
}

function sniff(head: Uint8Array): InputFormat {
  const start = BYTE_ORDER_MARK.every((byte, i) => head[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  const first = head.subarray(start).find((byte) => !BLANKS.has(byte));
  const json = first === 0x7b || first === 0x5b;
  return json ? { kind: 'ndjson' } : { kind: 'csv', delimiter: ',' };
}
