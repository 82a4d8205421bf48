import pg from 'pg';

const INT8 = 20;
const TEXT_TYPES = new Set([1082, 1114, 1184]); // date and timestamps: never through a JavaScript Date

/**
 * How a value of this type is read, whatever the client's own parsers are. Bookkeeping values only: int8 as number
 * (counts and ordinals stay below 2^53), times as the text the statement asked for.
 */
export function readValue(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  if (TEXT_TYPES.has(oid)) return String;
  return pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
}
