import { undefinedIsNull } from './column-field.ts';
import { type FieldNames, fieldNumber, perNames } from './field-names.ts';
import type { FieldRow } from './field-row.ts';
import type { RecordMapping } from './mapping.ts';

type RowFit = (row: FieldRow) => boolean;

/**
 * Whether a row may be encoded without a look at it as a whole: it has no field that no column takes, and one at least that
 * a column takes. Of another one an object is made, and judged. Fields without names are mapped by number, and all there.
 */
export function rowFit(mapping: RecordMapping): RowFit {
  const fitOf = perNames((names) => (names === undefined ? always : fitOfNames(names, mapping)));
  return (row) => fitOf(row)(row);
}

const always: RowFit = () => true;

function fitOfNames(names: FieldNames, { columns, explicit }: RecordMapping): RowFit {
  const staged = columns.map(({ property }) => fieldNumber(names, property));
  const others = explicit ? [] : [...names.list.keys()].filter((field) => !staged.includes(field));
  const mayBeEmpty = !columns.every(({ column }) => undefinedIsNull(column));
  return (row) => {
    for (const field of others) if (row.has(field)) return false;
    return mayBeEmpty || staged.some((field) => row.has(field));
  };
}
