/** Tables and columns as the catalogue would describe them. */

import type { ColumnType, TargetColumn, TargetTable } from '../../../src/core/target-table.ts';
import type { Codec } from '../../../src/records/codecs/codec.ts';
import { codecOf } from '../../../src/records/codecs/codec-of.ts';
import { Refusal } from '../../../src/records/codecs/refusal.ts';

export function typeOf(name: string, rest: Partial<ColumnType> = {}): ColumnType {
  return { name, kind: 'base', typmod: -1, delimiter: ',', ...rest };
}

export const NUMBER_TYPES: readonly ColumnType[] = [
  typeOf('int2'),
  typeOf('int4'),
  typeOf('int8'),
  typeOf('float4'),
  typeOf('float8'),
  typeOf('numeric'),
];

export function arrayOf(element: ColumnType, typmod = -1): ColumnType {
  return { name: `_${element.name}`, kind: 'array', typmod, delimiter: ',', element };
}

export function targetColumn(
  name: string,
  type: string | ColumnType,
  rest: Partial<TargetColumn> = {},
): TargetColumn {
  const resolved = typeof type === 'string' ? typeOf(type) : type;
  return {
    name,
    sqlType: resolved.name,
    type: resolved,
    notNull: false,
    hasDefault: false,
    identity: 'none',
    generated: false,
    deterministic: true,
    ...rest,
  };
}

export function targetTable(
  columns: readonly TargetColumn[],
  primaryKey: readonly string[] = [],
): TargetTable {
  const place = { schema: 'public', name: 't', kind: 'table' } as const;
  return { ...place, columns, primaryKey, key: primaryKey, keyDeferrable: false };
}

export function codec(name: string, typmod = -1): Codec {
  return codecOf(typeOf(name, { typmod }));
}

/** The refusal of a value; fails when the codec takes it. */
export function refusalOf(tested: Codec, value: unknown): Refusal {
  try {
    const text = tested.encode(value);
    throw new Error(`was not refused but written as ${text}`);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Types whose fields of a file are read in ways of their own, or stay text. */
export const FIELD_TYPES: readonly ColumnType[] = [
  ...NUMBER_TYPES,
  typeOf('numeric', { typmod: ((6 << 16) | 2) + 4 }),
  typeOf('bool'),
  typeOf('text'),
  typeOf('varchar', { typmod: 9 }),
  typeOf('bpchar', { typmod: 7 }),
  typeOf('citext'),
  typeOf('name'),
  typeOf('bytea'),
  typeOf('uuid'),
  typeOf('date'),
  typeOf('time'),
  typeOf('timestamp'),
  typeOf('timestamptz'),
  typeOf('jsonb'),
  typeOf('inet'),
];

/** How a database reads text, for imports without one. */
export const READING = { timeZone: 'UTC', zoneAbbreviations: 'Default', lcMonetary: 'C' };
