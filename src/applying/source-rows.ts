import { type ColumnForm, formOf, type Layout } from '../core/layout.ts';
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
export function sourceRows(rows: OpenedRows): string {
  return rowsWith(rows, 'native', typedValue);
}

/** The same rows with every column as text: for an isolation of bad records. */
export function sourceText(rows: OpenedRows): string {
  return rows.layout.format === 'csv' ? rows.relation : rowsWith(rows, 'text', textOf);
}

/** The rows with every column in this form: those in the other one are turned into it. */
function rowsWith(
  { relation, layout, columns }: OpenedRows,
  form: ColumnForm,
  turned: (column: TargetColumn) => string,
): string {
  const isSo = columns.map((_, n) => formOf(layout, n) === form);
  if (form === 'native' && isSo.every(Boolean)) return relation;
  const values = columns.map((column, n) => {
    const name = ident(column.name);
    return `${isSo[n] ? `s.${name}` : turned(column)} as ${name}`;
  });
  return `(select s.${ident(ORDINAL_COLUMN)}, ${values.join(', ')} from ${relation} s)`;
}

/** What the output function of the type writes. A cast of char(n) would cut its blanks. */
function textOf({ name, type }: TargetColumn): string {
  const value = `s.${ident(name)}`;
  if (type.name !== 'bpchar') return `${value}::pg_catalog.text`;
  return `case when ${value} is not null then pg_catalog.concat(${value}) end`;
}
