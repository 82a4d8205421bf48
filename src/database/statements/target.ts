import { qualified, type Statement } from '../statement.ts';

/** Keeps the table from being altered until the end of the transaction. The right to INSERT is enough for `row exclusive`. */
export const lockTable = (
  schema: string,
  table: string,
  mode: 'access share' | 'row exclusive',
): Statement => ({
  text: `lock table only ${qualified(schema, table)} in ${mode} mode`,
});

/** Those of the columns that there are, with their types as SQL text. */
export const columnTypes = (
  schema: string,
  table: string,
  names: readonly string[],
): Statement => ({
  text: `select a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as "sqlType"
from pg_catalog.pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname = any($2::text[])`,
  values: [qualified(schema, table), names],
});
