/** Which columns are staged, and from which property of a record each takes its value. */

import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { RelytError } from '../errors.ts';
import { shortText } from './codecs/refusal.ts';
import { decoratedColumns } from './column-decorator.ts';
import { nearestName } from './nearest-name.ts';

/**
 * The columns to load: their names, when properties are called the same, or the property (or the index,
 * for records that are arrays) of each column. Properties that are not mapped are ignored.
 */
export type ColumnsOption = readonly string[] | Readonly<Record<string, string | number>>;

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
  /** Columns a resumed task has staged so far: where nobody names columns, it goes on with these. */
  readonly staged?: readonly string[] | undefined;
}

/**
 * Decides the staged columns, once per task.
 *
 * @throws RelytError COLUMN_UNKNOWN, COLUMN_MISSING, COLUMN_GENERATED, CONFIG_INVALID, RECORD_INVALID
 */
export function resolveMapping(source: MappingSource): RecordMapping {
  const { table, first } = source;
  if (typeof first !== 'object' || first === null) {
    throw new RelytError('RECORD_INVALID', `The first record is no object but ${typeof first}.`, {
      details: { table: tableName(table), expected: 'object', got: typeof first },
      hint: 'Insert objects whose properties are named like columns.',
    });
  }
  const named = namedColumns(source.columns) ?? decoratedColumns(first);
  const columns =
    named === undefined
      ? columnsOfProperties(table, first, source.staged)
      : columnsByName(table, named);
  if (columns.length === 0) {
    throw new RelytError('COLUMN_MISSING', `No column of ${tableName(table)} gets a value.`, {
      details: { table: tableName(table) },
      hint: 'Give the records properties named like columns, or map them with `columns`.',
    });
  }
  checkRequired(table, columns, first);
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

function checkRequired(table: TargetTable, columns: readonly MappedColumn[], first: object): void {
  const properties = new Map(columns.map(({ column, property }) => [column.name, property]));
  for (const column of table.columns) {
    if (!column.notNull || column.hasDefault || column.generated) continue;
    const property = properties.get(column.name);
    if (property !== undefined && propertyOf(first, property) !== undefined) continue;
    const place = `column "${shortText(column.name)}" (${shortText(column.sqlType)}) of ${tableName(table)}`;
    const wanted =
      property === undefined ? 'it is not mapped' : `the first record has no ${shown(property)}`;
    throw new RelytError('COLUMN_MISSING', `The ${place} needs a value, but ${wanted}.`, {
      details: { table: tableName(table), column: column.name, expected: column.sqlType },
    });
  }
}

/** The value of a property; `toString` and its like are columns only when the record itself has them. */
export function propertyOf(record: object, property: string | number): unknown {
  if (isInherited(property) && !Object.hasOwn(record, property)) return undefined;
  return (record as Record<string | number, unknown>)[property];
}

/** Every object has these, so that reading one does not tell whether the record gives it. */
export function isInherited(property: string | number): boolean {
  return property in Object.prototype;
}

function shown(property: string | number): string {
  return typeof property === 'number' ? `element ${property}` : `property "${shortText(property)}"`;
}

export function tableName(table: TargetTable): string {
  return `${shortText(table.schema)}.${shortText(table.name)}`;
}

function unknownColumn(table: TargetTable, name: string): RelytError {
  const hint = suggestion(table, name);
  return new RelytError(
    'COLUMN_UNKNOWN',
    `The table ${tableName(table)} has no column "${shortText(name)}".`,
    {
      details: { table: tableName(table), column: shortText(name) },
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

function generatedColumn(table: TargetTable, column: TargetColumn): RelytError {
  return new RelytError(
    'COLUMN_GENERATED',
    `The column "${shortText(column.name)}" of ${tableName(table)} is generated and takes no value.`,
    { details: { table: tableName(table), column: column.name } },
  );
}
