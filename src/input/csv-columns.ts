/** Which column each field of a CSV record belongs to. */

import { nearestName } from '../core/nearest-name.ts';
import type { TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { resolveMapping } from '../records/mapping.ts';

export interface CsvNames {
  readonly table: TargetTable;
  /** Undefined when the file has none. */
  readonly header: readonly string[] | undefined;
  /** Of `--columns`; an empty name skips the field. */
  readonly columns: readonly string[] | undefined;
}

/**
 * The name of the column of each field, '' for a field to skip: `--columns`, else the header, else all columns
 * of the table that take a value, in order, as COPY does it.
 *
 * @throws RelytError CONFIG_INVALID when `--columns` has not as many names as the header
 */
export function csvColumnNames({ table, header, columns }: CsvNames): readonly string[] {
  if (columns === undefined)
    return header ?? table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
  if (header !== undefined && header.length !== columns.length) {
    throw new RelytError(
      'CONFIG_INVALID',
      `--columns names ${columns.length} columns, but the header has ${header.length}.`,
      {
        hint: 'Name one column for each field of the file; an empty name skips a field: --columns id,,name',
      },
    );
  }
  return columns;
}

/**
 * The mapping a BulkProcessor wants: column → index of the field.
 * @throws RelytError COLUMN_UNKNOWN, COLUMN_GENERATED, COLUMN_MISSING
 */
export function csvMapping(table: TargetTable, names: readonly string[]): Record<string, number> {
  checkColumns(table, names);
  const mapping = Object.fromEntries(
    names.flatMap((name, index) => (name === '' ? [] : [[name, index]])),
  );
  // Every field of a CSV record has a value or is NULL.
  resolveMapping({ table, columns: mapping, first: names.map(() => null) });
  return mapping;
}

/** @throws RelytError COLUMN_UNKNOWN with the column that was probably meant */
export function checkColumns(table: TargetTable, names: readonly string[]): void {
  const known = table.columns.map((column) => column.name);
  const unknown = names.find((name) => name !== '' && !known.includes(name));
  if (unknown === undefined) return;
  const shown = `${table.schema}.${table.name}`;
  const nearest = nearestName(unknown, known);
  const meant = nearest === undefined ? '' : `Did you mean "${nearest}"? `;
  throw new RelytError('COLUMN_UNKNOWN', `The table ${shown} has no column "${unknown}".`, {
    details: { table: shown, column: unknown },
    hint: `${meant}Name the columns of the fields with --columns; an empty name skips a field.`,
  });
}
