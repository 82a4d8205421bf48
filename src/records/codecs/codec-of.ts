/** Chooses the codec by the type the catalogue gives, never by the values. */

import type { ColumnType } from '../../core/target-table.ts';
import { arrayCodec } from './array.ts';
import { bitStringCodec } from './bit-string.ts';
import { booleanCodec } from './boolean.ts';
import { byteaCodec } from './bytea.ts';
import type { Codec } from './codec.ts';
import {
  dateCodec,
  intervalCodec,
  timeCodec,
  timestampCodec,
  zonedTimeCodec,
} from './date-time.ts';
import { enumCodec } from './enum.ts';
import { floatCodec } from './float.ts';
import { integerCodec } from './integer.ts';
import { jsonCodec } from './json.ts';
import { moneyCodec, numericCodec } from './numeric.ts';
import {
  bpcharCodec,
  citextCodec,
  nameCodec,
  singleByteCodec,
  textCodec,
  varcharCodec,
} from './text.ts';
import { uuidCodec } from './uuid.ts';
import { isVector, vectorCodec } from './vector.ts';
import { verbatimCodec } from './verbatim.ts';

const BASE_CODECS: ReadonlyMap<string, (typmod: number) => Codec> = new Map<
  string,
  (typmod: number) => Codec
>([
  ['bool', booleanCodec],
  ['int2', () => integerCodec('int2')],
  ['int4', () => integerCodec('int4')],
  ['int8', () => integerCodec('int8')],
  ['oid', () => integerCodec('oid')],
  ['float4', () => floatCodec('float4')],
  ['float8', () => floatCodec('float8')],
  ['numeric', numericCodec],
  ['money', moneyCodec],
  ['text', textCodec],
  ['varchar', varcharCodec],
  ['bpchar', bpcharCodec],
  ['citext', citextCodec],
  ['name', nameCodec],
  ['char', singleByteCodec],
  ['bytea', byteaCodec],
  ['date', dateCodec],
  ['time', timeCodec],
  ['timetz', zonedTimeCodec],
  ['timestamp', () => timestampCodec('timestamp')],
  ['timestamptz', () => timestampCodec('timestamptz')],
  ['interval', intervalCodec],
  ['uuid', uuidCodec],
  ['json', () => jsonCodec('json')],
  ['jsonb', () => jsonCodec('jsonb')],
  ['bit', (typmod) => bitStringCodec('bit', typmod)],
  ['varbit', (typmod) => bitStringCodec('varbit', typmod)],
]);

/** Old catalogue types that the catalogue calls arrays, but whose text is `1 2 3`. */
const SPACED_LISTS: ReadonlySet<string> = new Set(['int2vector', 'oidvector']);

export function codecOf(type: ColumnType): Codec {
  if (SPACED_LISTS.has(type.name)) return verbatimCodec(type.name);
  if (type.kind === 'array' && type.element !== undefined) {
    return arrayCodec(type.element, codecOf(elementType(type, type.element)));
  }
  if (type.kind === 'enum' && type.labels !== undefined) return enumCodec(type.labels);
  if (type.kind !== 'base') return verbatimCodec(type.name);
  if (isVector(type.name)) return vectorCodec(type.name, type.typmod);
  return BASE_CODECS.get(type.name)?.(type.typmod) ?? verbatimCodec(type.name);
}

/** `varchar(10)[]` keeps its modifier on the array column; it bounds the elements. */
function elementType(array: ColumnType, element: ColumnType): ColumnType {
  return element.typmod >= 0 ? element : { ...element, typmod: array.typmod };
}
