import { ORDINAL_COLUMN } from '../core/reserved-columns.ts';
import { ident } from '../database/statement.ts';
import type { ExternalFiles } from './engine.ts';

/** The staged fields as columns: with the types of the target, or all as text for an isolation of bad records. */
export function columnDefinitions(files: ExternalFiles): string {
  const columns = files.columns.map(
    (column) => `${ident(column.name)} ${files.asText ? 'text' : column.sqlType}`,
  );
  return [`${ident(ORDINAL_COLUMN)} bigint`, ...columns].join(', ');
}
