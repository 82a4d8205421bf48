/** Which names of columns and properties the type of a record allows. Types only. */

/** Properties that hold values; methods hold none. Of `unknown` and `any`, every property. */
type ValueKey<Row> = {
  [Key in keyof Row]-?: Row[Key] extends (...given: never) => unknown ? never : Key;
}[keyof Row];

/** Of a type that names no properties (`unknown`, `any`, `object`) nothing is known. */
type IsOpen<Row> = unknown extends Row ? true : [keyof Row] extends [never] ? true : false;

/** Name of a column that has the name of a property of the record. Any text where the type of the record is not known. */
export type ColumnName<Row> =
  IsOpen<Row> extends true
    ? string
    : Row extends readonly unknown[]
      ? never
      : Row extends unknown
        ? Extract<ValueKey<Row>, string>
        : never;

/** Property of a record, or the index where records are arrays. */
type PropertyName<Row> =
  IsOpen<Row> extends true
    ? string | number
    : Row extends readonly unknown[]
      ? number
      : Row extends unknown
        ? Extract<ValueKey<Row>, string | number>
        : never;

/** Column → the property of the record, or the index where records are arrays, that gives its value. */
export type ColumnMapping<Row> = Readonly<Record<string, PropertyName<Row>>>;

/**
 * The columns to load: their names, when properties are called the same, or the property (or the index,
 * for records that are arrays) of each column. Properties that are not mapped are ignored.
 */
export type ColumnsOption<Row = unknown> = readonly ColumnName<Row>[] | ColumnMapping<Row>;
