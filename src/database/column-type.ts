import type { ColumnType } from '../core/target-table.ts';
import { qualified } from './statement.ts';

/** The type of a column, or the one its domain is made of, without a modifier, as SQL. */
export function baseTypeName({ schema, name }: ColumnType): string {
  return qualified(schema ?? 'pg_catalog', name);
}
