import { MAX_KEPT_LENGTH } from '../core/kept-records.ts';
import { LongArray } from '../records/long-array.ts';

class TooLong extends Error {}

/** JSON of whatever was given, null for what has none; bytes as text. Long records are not written to find out. */
export function keptRecord(record: unknown): { readonly json: string | null } | 'too long' {
  let left = MAX_KEPT_LENGTH;
  const take = (length: number) => {
    left -= length;
    if (left < 0) throw new TooLong();
  };
  try {
    const text = JSON.stringify(record, function (this: unknown, key: string, value: unknown) {
      take(key.length + 1);
      // Before its toJSON, which makes an array of numbers of a Buffer.
      const given = (this as Readonly<Record<string, unknown>>)[key];
      if (given instanceof Uint8Array) return hexOf(given, take);
      if (given instanceof LongArray) return elementsOf(given, take);
      if (typeof value === 'string') take(value.length);
      if (typeof value === 'bigint') return value.toString();
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
      return value;
    });
    return { json: text ?? null };
  } catch (error) {
    // Else cyclic, or a getter that throws: the reason still says what was wrong.
    return error instanceof TooLong ? 'too long' : { json: null };
  }
}

function hexOf(bytes: Uint8Array, take: (length: number) => void): string {
  take(2 * bytes.length);
  return `\\x${Buffer.from(bytes).toString('hex')}`;
}

function elementsOf(values: LongArray, take: (length: number) => void): unknown[] {
  take(2 * values.length);
  return [...values];
}
