import { TextColumnNeededError } from '../../../src/records/record-check.ts';
import type { EncodedRow, RecordEncoder } from '../../../src/records/record-encoder.ts';

function bytesOf(row: EncodedRow, longFields: readonly (readonly Buffer[])[]): string {
  if (typeof row === 'string') {
    const long = longFields.map((pieces) => Buffer.concat(pieces).toString());
    const line = row.replaceAll('\0', () => long.shift() ?? '');
    return Buffer.from(line).toString('latin1');
  }
  const kept: Buffer[] = [];
  row.drain({ blocked: false, writeBytes: (bytes) => void kept.push(Buffer.from(bytes)) });
  return Buffer.concat(kept).toString('latin1');
}

/** What an encoder makes of a record: bytes and lane, a column that has to be text, or an error. */
export function outcome(encoder: RecordEncoder, record: object) {
  try {
    const row = encoder.encode(record, 77);
    return { row: bytesOf(row, encoder.longFields), lane: encoder.lane };
  } catch (error) {
    if (error instanceof TextColumnNeededError) return { textColumn: error.column };
    const { message, details, hint } = error as Error & { details: unknown; hint: unknown };
    return { message, details, hint };
  }
}
