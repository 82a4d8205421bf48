/** Which format an input has. Whether it is compressed is not asked here: that is known by its first bytes. */

/** What the option `format` may be. */
export const FORMATS = ['csv', 'text', 'ndjson', 'json'] as const;

export type FormatName = (typeof FORMATS)[number];

export type InputFormat =
  | { readonly kind: 'csv'; readonly delimiter: ',' | '\t' }
  | { readonly kind: 'text' | 'ndjson' | 'json' };

const BY_EXTENSION = new Map<string, InputFormat>([
  ['csv', { kind: 'csv', delimiter: ',' }],
  ['tsv', { kind: 'csv', delimiter: '\t' }],
  ['tab', { kind: 'csv', delimiter: '\t' }],
  ['copy', { kind: 'text' }],
  ['ndjson', { kind: 'ndjson' }],
  ['jsonl', { kind: 'ndjson' }],
]);

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** What decides the format; all that is known. */
export interface FormatClues {
  /** What the user said. */
  readonly format?: FormatName | undefined;
  /** File name or path; `.gz` or `.zst` at its end is ignored. */
  readonly fileName?: string | undefined;
  /** First bytes of the decompressed input. */
  readonly head?: Uint8Array | undefined;
}

/**
 * The format the user named, else the one the file name ends with, else the one the first byte that is not blank suggests:
 * `{` begins NDJSON, `[` a JSON array, all else is CSV. No line of NDJSON begins with `[`, so that is an array whatever
 * the name. Only a name can tell that a file is separated by tabs; it does so also when the user said `csv`.
 */
export function inputFormat({ format, fileName = '', head }: FormatClues): InputFormat {
  const named = BY_EXTENSION.get(extension(fileName));
  if (format === 'csv') return named?.kind === 'csv' ? named : { kind: 'csv', delimiter: ',' };
  if (format !== undefined) return { kind: format };
  const found = sniff(head ?? new Uint8Array());
  return named === undefined || (named.kind === 'ndjson' && found.kind === 'json') ? found : named;
}

function extension(fileName: string): string {
  const name = fileName.toLowerCase().replace(/\.(gz|zst)$/, '');
  return /\.([^./\\]+)$/.exec(name)?.[1] ?? '';
}

function sniff(head: Uint8Array): InputFormat {
  const start = BYTE_ORDER_MARK.every((byte, i) => head[i] === byte) ? BYTE_ORDER_MARK.length : 0;
  const first = head.subarray(start).find((byte) => !BLANKS.has(byte));
  if (first === OPEN_BRACE) return { kind: 'ndjson' };
  return first === OPEN_BRACKET ? { kind: 'json' } : { kind: 'csv', delimiter: ',' };
}
