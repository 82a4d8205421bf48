import { formOf, type Layout } from '../core/layout.ts';
import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { ident } from '../database/statement.ts';
import { typedValue } from './text-rows.ts';

/** What the staged files are, once they are readable. */
export interface OpenedRows {
  /** Quoted name. */
  readonly relation: string;
  readonly layout: Layout;
  readonly columns: readonly TargetColumn[];
}

/** The rows of staged files with the types of the target, as a relation in SQL. */
export function sourceRows({ relation, layout, columns }: OpenedRows): string {
  const isTyped = columns.every((_, n) => formOf(layout, n) === 'native');
  if (isTyped) return relation;
  return rowsOf(
    relation,
    columns.map((column, n) =>
      formOf(layout, n) === 'native' ? `s.${ident(column.name)}` : typedValue(column),
    ),
    columns,
  );
}

/** The same rows with every column as text: for an isolation of bad records. */
export function sourceText({ relation, layout, columns }: OpenedRows): string {
  if (layout.format === 'csv') return relation;
  return rowsOf(
    relation,
    columns.map((column, n) =>
      formOf(layout, n) === 'text' ? `s.${ident(column.name)}` : textOf(column),
    ),
    columns,
  );
}

function rowsOf(
  relation: string,
  values: readonly string[],
  columns: readonly TargetColumn[],
): string {
  const named = values.map((value, n) => `${value} as ${ident(columns[n]?.name ?? '')}`);
  return `(select s.${ident(ORDINAL_COLUMN)}, ${named.join(', ')} from ${relation} s)`;
}

/** What the output function of the type writes. A cast of char(n) would cut its blanks. */
function textOf({ name, type }: TargetColumn): string {
  const value = `s.${ident(name)}`;
  if (type.name !== 'bpchar') return `${value}::pg_catalog.text`;
  return `case when ${value} is not null then pg_catalog.concat(${value}) end`;
}
