/** What is wrong with the columns that records give, or `columns` names. */

import { nearestName } from '../core/nearest-name.ts';
import { shortText } from '../core/short-text.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';

export function shownTable(table: TargetTable): string {
  return `${shortText(table.schema)}.${shortText(table.name)}`;
}

export function unknownColumn(table: TargetTable, name: string): RelytError {
  const hint = suggestion(table, name);
  return new RelytError(
    'COLUMN_UNKNOWN',
    `The table ${shownTable(table)} has no column "${shortText(name)}".`,
    {
      details: { table: shownTable(table), column: shortText(name) },
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

/** A hint when a column of a similar name exists. */
export function suggestion(table: TargetTable, name: string): string | undefined {
  const nearest = nearestName(
    name,
    table.columns.map((column) => column.name),
  );
  if (nearest === undefined) return undefined;
  return `Did you mean "${shortText(nearest)}"? Rename the property, map it with \`columns\`, or leave it out.`;
}

export function generatedColumn(table: TargetTable, column: TargetColumn): RelytError {
  return new RelytError(
    'COLUMN_GENERATED',
    `The column "${shortText(column.name)}" of ${shownTable(table)} is generated and takes no value.`,
    { details: { table: shownTable(table), column: column.name } },
  );
}

export function indexesMissing(table: TargetTable): RelytError {
  const columns = table.columns.filter(({ generated }) => !generated).slice(0, 3);
  const example = columns.map(({ name }, index) => `"${shortText(name)}": ${index}`).join(', ');
  return new RelytError(
    'COLUMN_UNKNOWN',
    'The first record is an array, and the setting columns does not say which element is for which column.',
    {
      details: { table: shownTable(table) },
      hint: `Set columns to an object of the column names and the indexes of their elements, such as { ${example} }.`,
    },
  );
}
