import { formOf } from '../core/layout.ts';
import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { baseTypeName } from '../database/column-type.ts';
import { ident } from '../database/statement.ts';
import type { ExternalFiles } from './engine.ts';

/** How the fields of staged files are to be read. */
export type FileColumns = Pick<ExternalFiles, 'columns' | 'layout' | 'asText'>;

/** The staged fields as columns: with the types they are read as. */
export function columnDefinitions(files: FileColumns): string {
  const columns = files.columns.map(
    (column, n) => `${ident(column.name)} ${typeOf(files, n) ?? column.sqlType}`,
  );
  return [`${ident(ORDINAL_COLUMN)} bigint`, ...columns].join(', ');
}

/**
 * CSV is read with the types of the target, or as text for an isolation of bad records. A binary form is that of the
 * base type without a modifier, which its receive function would apply: the assignment does.
 */
function typeOf({ layout, columns, asText }: FileColumns, n: number): string | undefined {
  const column = columns[n];
  if (layout.format === 'csv') return asText ? 'text' : undefined;
  return formOf(layout, n) === 'text' || column === undefined ? 'text' : baseTypeName(column);
}
