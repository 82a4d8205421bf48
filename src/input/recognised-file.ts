/** Files that are not text, and not compressed text: known by their first bytes, and named with what to do about them. */

import { isUtf8 } from 'node:buffer';
import { RelytError } from '../errors.ts';

interface KnownFile {
  readonly name: string;
  /** Bytes it begins with, as latin1. */
  readonly magic: string;
  /** Where they stand; default at the beginning. */
  readonly at?: number;
  /** `FILE` stands for its path. */
  readonly hint: string;
}

const EXPORT_IT = 'Export its records as CSV, NDJSON or a JSON array, and load that.';

/** The more telling ones first: a workbook is a zip archive, too. */
const KNOWN_FILES: readonly KnownFile[] = [
  {
    name: 'an Excel workbook (.xlsx)',
    magic: '[Content_Types].xml',
    at: 30,
    hint: 'Save the sheet as CSV UTF-8, and load that.',
  },
  {
    name: 'a zip archive',
    magic: 'PK\x03\x04',
    hint: 'Load one file of it from standard input: `unzip -p FILE NAME | relyt load - --table TABLE`.',
  },
  {
    name: 'a bzip2 file',
    magic: 'BZh',
    hint: 'Decompress it to standard input: `bzcat FILE | relyt load - --table TABLE`.',
  },
  {
    name: 'an xz file',
    magic: '\xfd7zXZ\0',
    hint: 'Decompress it to standard input: `xzcat FILE | relyt load - --table TABLE`.',
  },
  {
    name: 'an lz4 file',
    magic: '\x04\x22\x4d\x18',
    hint: 'Decompress it to standard input: `lz4cat FILE | relyt load - --table TABLE`.',
  },
  {
    name: 'a 7-Zip archive',
    magic: '7z\xbc\xaf\x27\x1c',
    hint: 'Load one file of it from standard input: `7z e -so FILE NAME | relyt load - --table TABLE`.',
  },
  {
    name: 'a tar archive',
    magic: 'ustar',
    at: 257,
    hint: 'Load one file of it from standard input: `tar -xOf FILE NAME | relyt load - --table TABLE`.',
  },
  { name: 'an Avro file', magic: 'Obj\x01', hint: EXPORT_IT },
  { name: 'an ORC file', magic: 'ORC', hint: EXPORT_IT },
  { name: 'an Arrow file', magic: 'ARROW1\0\0', hint: EXPORT_IT },
  { name: 'a Parquet file', magic: 'PAR1', hint: EXPORT_IT },
  {
    name: 'binary COPY data',
    magic: 'PGCOPY\n\xff\r\n\0',
    hint: 'Write it with COPY in the format text or csv, and load that.',
  },
  {
    name: 'a custom-format dump of pg_dump',
    magic: 'PGDMP',
    hint: 'Restore it with pg_restore.',
  },
  { name: 'an SQLite database', magic: 'SQLite format 3\0', hint: EXPORT_IT },
  {
    name: 'an old Excel or Office file',
    magic: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    hint: EXPORT_IT,
  },
  { name: 'a PDF document', magic: '%PDF-', hint: EXPORT_IT },
];

/** Enough of the beginning to know any of them. */
const TELLING_BYTES = 512;

/** Characters that no text has and every binary format: a table may well have a column ORC or BZh. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x06\x0e-\x1a\x1c-\x1f]/;

/** @throws RelytError INPUT_MALFORMED when the bytes begin a file of a known format that holds no records as text */
export function refuseKnownFile(head: Buffer, input: string): void {
  const bytes = head.toString('latin1', 0, TELLING_BYTES);
  if (!CONTROLS.test(bytes) && !bytes.startsWith('%PDF-')) return;
  const known = KNOWN_FILES.find(({ magic, at = 0 }) => bytes.startsWith(magic, at));
  if (known !== undefined) throw noText(input, known.name, known.hint);
}

/**
 * UTF-16 has a NUL in most characters, but that is said where it is decoded.
 * @throws RelytError INPUT_MALFORMED when the bytes, taken as UTF-8, are not text at all
 */
export function refuseBinary(head: Buffer, input: string): void {
  const bytes = head.subarray(0, TELLING_BYTES);
  const isUtf16 =
    bytes.indexOf(0) < 2 || /^(\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2));
  // A character may be cut off at the end.
  const isText = [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)));
  if (!bytes.includes(0) || isUtf16 || isText) return;
  throw noText(
    input,
    'a binary file',
    'Give CSV, text of COPY, NDJSON or a JSON array, plain or compressed with gzip or zstd.',
  );
}

function noText(input: string, got: string, hint: string): RelytError {
  return new RelytError('INPUT_MALFORMED', `The input ${input} is ${got}, not text.`, {
    details: { got },
    hint,
  });
}
