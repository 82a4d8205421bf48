/** Which columns are staged, and from which property of a record each takes its value. */

import type { ColumnsOption } from '../core/record-columns.ts';
import { shortText } from '../core/short-text.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { kindOf } from './codecs/refusal.ts';
import { decoratedColumns } from './column-decorator.ts';
import { generatedColumn, indexesMissing, shownTable, unknownColumn } from './column-errors.ts';
import { keptFields } from './field-row.ts';
import { propertyOf, shownProperty, unreadableRecord } from './record-property.ts';

export interface MappedColumn {
  readonly column: TargetColumn;
  readonly property: string | number;
}

export interface RecordMapping {
  readonly table: TargetTable;
  /** The staged columns, in order. */
  readonly columns: readonly MappedColumn[];
  /** True when the user named the columns: other properties are ignored then, not refused. */
  readonly explicit: boolean;
}

export interface MappingSource {
  readonly table: TargetTable;
  readonly columns?: ColumnsOption | undefined;
  /** The first record of the task: decides which columns with a default are staged. */
  readonly first: unknown;
  /** Columns a resumed task has staged so far: where no setting names columns, it continues with these. */
  readonly staged?: readonly string[] | undefined;
}

/**
 * Decides the staged columns, once per task.
 *
 * @throws RelytError COLUMN_UNKNOWN, COLUMN_MISSING, COLUMN_GENERATED, CONFIG_INVALID, RECORD_INVALID
 */
export function resolveMapping(source: MappingSource): RecordMapping {
  const { table } = source;
  const first = keptFields(source.first);
  if (typeof first !== 'object' || first === null) {
    const got = kindOf(first);
    throw new RelytError('RECORD_INVALID', `The first record is not an object: got ${got}.`, {
      details: { table: shownTable(table), expected: 'object', got },
      hint: 'Insert objects whose properties are named like columns.',
    });
  }
  const option = namedColumns(source.columns);
  try {
    return mappingOf({ ...source, first }, option ?? decoratedColumns(first));
  } catch (error) {
    if (error instanceof RelytError) throw error;
    throw unreadableRecord({
      record: first,
      subject: 'The first record',
      read: option ?? table.columns.map(({ name }) => [name, name]),
      details: { table: shownTable(table) },
      cause: error,
    });
  }
}

/**
 * The columns of these names. For records that are staged already: what they hold was decided when they were encoded.
 * @throws RelytError COLUMN_UNKNOWN, COLUMN_MISSING, COLUMN_GENERATED
 */
export function columnsNamed(
  table: TargetTable,
  names: readonly string[],
): readonly TargetColumn[] {
  const columns = columnsByName(table, new Map(names.map((name) => [name, name])));
  checkRequired(table, columns, () => true);
  return columns.map(({ column }) => column);
}

function mappingOf(
  { table, first, staged }: MappingSource & { readonly first: object },
  named: ReadonlyMap<string, string | number> | undefined,
): RecordMapping {
  if (Array.isArray(first) && !givesElements(named, first)) throw indexesMissing(table);
  const columns =
    named === undefined ? columnsOfProperties(table, first, staged) : columnsByName(table, named);
  if (columns.length === 0) {
    throw new RelytError('COLUMN_MISSING', `No column of ${shownTable(table)} gets a value.`, {
      details: { table: shownTable(table) },
      hint: 'Give the records properties named like columns, or map them with `columns`.',
    });
  }
  checkRequired(table, columns, (property) => propertyOf(first, property) !== undefined);
  return { table, columns, explicit: named !== undefined };
}

function namedColumns(
  option: ColumnsOption | undefined,
): ReadonlyMap<string, string | number> | undefined {
  if (option === undefined) return undefined;
  const pairs: [string, string | number][] = isNameList(option)
    ? option.map((name) => [name, name])
    : Object.entries(option);
  const named = new Map(pairs);
  if (named.size === 0 || named.size < pairs.length) {
    const wrong = named.size === 0 ? 'is empty' : 'names a column twice';
    throw new RelytError('CONFIG_INVALID', `The setting columns ${wrong}.`);
  }
  for (const [name, property] of named) {
    if (typeof property === 'string' || Number.isInteger(property)) continue;
    throw new RelytError(
      'CONFIG_INVALID',
      `The setting columns gives "${shortText(name)}" neither a property name nor an index.`,
    );
  }
  return named;
}

function isNameList(option: ColumnsOption): option is readonly string[] {
  return Array.isArray(option);
}

function columnsByName(
  table: TargetTable,
  named: ReadonlyMap<string, string | number>,
): MappedColumn[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  return Array.from(named, ([name, property]) => {
    const column = byName.get(name);
    if (column === undefined) throw unknownColumn(table, name);
    if (column.generated) throw generatedColumn(table, column);
    return { column, property };
  });
}

/** Elements have no names of their own: `columns` has to say by their indexes which column each is for. */
function givesElements(
  named: ReadonlyMap<string, string | number> | undefined,
  first: readonly unknown[],
): boolean {
  return (
    named !== undefined &&
    Array.from(named.values()).some((property) => typeof property === 'number' || property in first)
  );
}

/** Without a mapping: a property belongs to the column of its name. */
function columnsOfProperties(
  table: TargetTable,
  first: object,
  staged: readonly string[] | undefined,
): MappedColumn[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  for (const name of Object.keys(first)) {
    if (propertyOf(first, name) === undefined) continue;
    const column = byName.get(name);
    if (column === undefined) throw unknownColumn(table, name);
    if (column.generated) throw generatedColumn(table, column);
  }
  return table.columns
    .filter((column) => !column.generated)
    .filter((column) =>
      staged === undefined
        ? !column.hasDefault || propertyOf(first, column.name) !== undefined
        : staged.includes(column.name),
    )
    .map((column) => ({ column, property: column.name }));
}

function checkRequired(
  table: TargetTable,
  columns: readonly MappedColumn[],
  isGiven: (property: string | number) => boolean,
): void {
  const properties = new Map(columns.map(({ column, property }) => [column.name, property]));
  for (const column of table.columns) {
    if (!column.notNull || column.hasDefault || column.generated) continue;
    const property = properties.get(column.name);
    if (property !== undefined && isGiven(property)) continue;
    const place = `column "${shortText(column.name)}" (${shortText(column.sqlType)}) of ${shownTable(table)}`;
    const wanted =
      property === undefined
        ? 'it is not mapped'
        : `the first record has no ${shownProperty(property)}`;
    throw new RelytError('COLUMN_MISSING', `The ${place} needs a value, but ${wanted}.`, {
      details: { table: shownTable(table), column: column.name, expected: column.sqlType },
    });
  }
}
