import { formOf } from '../core/layout.ts';
import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import type { TargetColumn } from '../core/target-table.ts';
import { baseTypeName } from '../database/column-type.ts';
import { ident } from '../database/statement.ts';
import type { ExternalFiles } from './engine.ts';

/** How the fields of staged files are to be read. */
export type FileColumns = Pick<ExternalFiles, 'columns' | 'layout' | 'asText'>;

/** The staged fields as columns: with the types they are read as. */
export function columnDefinitions(files: FileColumns): string {
  const columns = files.columns.map(
    (column, n) => `${ident(column.name)} ${typeOf(column, formRead(files, n))}`,
  );
  return [`${ident(ORDINAL_COLUMN)} bigint`, ...columns].join(', ');
}

/** As what a field is read: CSV as a value of the target, or as text for an isolation of bad records. */
function formRead({ layout, asText }: FileColumns, n: number): 'value' | 'binary' | 'text' {
  if (layout.format === 'csv') return asText ? 'text' : 'value';
  return formOf(layout, n) === 'text' ? 'text' : 'binary';
}

/**
 * A binary form is that of the base type without a modifier, which its receive function would apply: the assignment
 * does.
 */
function typeOf({ sqlType, type }: TargetColumn, form: 'value' | 'binary' | 'text'): string {
  if (form === 'text') return 'text';
  return form === 'value' ? sqlType : baseTypeName(type);
}
