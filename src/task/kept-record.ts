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
  const room: Room = (length) => {
    if (length > left) throw new TooLong();
  };
  try {
    const text = JSON.stringify(shown(record, room), (key: string, value: unknown) => {
      take(key.length + 1);
      if (typeof value === 'string') take(value.length);
      if (typeof value === 'bigint') return value.toString();
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
      return withShown(value, room);
    });
    return { json: text ?? null };
  } catch (error) {
    // Else cyclic, or a getter that throws: the reason still says what was wrong.
    return error instanceof TooLong ? 'too long' : { json: null };
  }
}

/** Throws where so much is not left. */
type Room = (length: number) => void;

/** Bytes and long arrays as they are to be shown, before the toJSON of a Buffer makes an array of numbers of it. */
function shown(value: unknown, room: Room): unknown {
  if (value instanceof Uint8Array) return hexOf(value, room);
  if (value instanceof LongArray) return elementsOf(value, room);
  return value;
}

/** The same for what an object holds: a copy where something in it is to be shown otherwise. */
function withShown(value: unknown, room: Room): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isOther = (part: unknown) => part instanceof Uint8Array || part instanceof LongArray;
  if (Array.isArray(value))
    return value.some(isOther) ? value.map((part) => shown(part, room)) : value;
  const parts = value as Readonly<Record<string, unknown>>;
  for (const key in parts) {
    if (Object.hasOwn(parts, key) && isOther(parts[key]))
      return Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, shown(part, room)]),
      );
  }
  return value;
}

function hexOf(bytes: Uint8Array, room: Room): string {
  room(2 * bytes.length);
  return `\\x${Buffer.from(bytes).toString('hex')}`;
}

function elementsOf(values: LongArray, room: Room): unknown[] {
  room(2 * values.length);
  return [...values];
}
