import type { TargetColumn } from '../core/target-table.ts';
import { qualified } from './statement.ts';

/** The type a column's domain is made of, without a modifier, as SQL. */
export function baseTypeName({ type }: Pick<TargetColumn, 'type'>): string {
  return qualified(type.schema ?? 'pg_catalog', type.name);
}
