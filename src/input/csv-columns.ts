/** Which column each field of a CSV record belongs to. */

import { nearestName } from '../core/nearest-name.ts';
import type { TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { unknownColumn } from '../records/column-errors.ts';
import { resolveMapping } from '../records/mapping.ts';
import { OPTION_NAMES, type OptionNames } from './format-options.ts';

export interface CsvNames {
  readonly table: TargetTable;
  /** Undefined when the file has none. */
  readonly header: readonly string[] | undefined;
  /** Of the option `columns`; an empty name skips the field. */
  readonly columns: readonly string[] | undefined;
}

/**
 * The name of the column of each field, '' for a field to skip: those of the option, else the header, else all columns
 * of the table that take a value, in order, as COPY does it. Named columns replace the header, whatever it holds.
 */
export function csvColumnNames({ table, header, columns }: CsvNames): readonly string[] {
  return (
    columns ?? header ?? table.columns.filter(({ generated }) => !generated).map(({ name }) => name)
  );
}

/**
 * The mapping a BulkProcessor wants: column → index of the field.
 * @throws RelytError COLUMN_UNKNOWN, COLUMN_GENERATED, COLUMN_MISSING
 */
export function csvMapping(
  table: TargetTable,
  names: readonly string[],
  optionNames?: OptionNames,
): Record<string, number> {
  checkColumns(table, names, optionNames);
  const mapping = Object.fromEntries(
    names.flatMap((name, index) => (name === '' ? [] : [[name, index]])),
  );
  // Every field of a CSV record has a value or is NULL.
  resolveMapping({ table, columns: mapping, first: names.map(() => null) });
  return mapping;
}

/** @throws RelytError COLUMN_UNKNOWN with the column that was probably meant */
export function checkColumns(
  table: TargetTable,
  names: readonly string[],
  optionNames: OptionNames = OPTION_NAMES,
): void {
  const known = table.columns.map((column) => column.name);
  const unknown = names.find((name) => name !== '' && !known.includes(name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const meant = nearest === undefined ? '' : `Did you mean "${nearest}"? `;
  const { message, details } = unknownColumn(table, unknown);
  throw new RelytError('COLUMN_UNKNOWN', message, {
    details,
    hint: `${meant}Name the columns of the fields with ${optionNames.columns}; an empty name skips a field.`,
  });
}
