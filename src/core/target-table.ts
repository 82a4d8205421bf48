/** What the catalogue says about the table a task loads into. Plain data: read by database/, used everywhere. */

/** A PostgreSQL type with domains resolved to their base. */
export interface ColumnType {
  /** Schema of the base type; `pg_catalog` when absent. */
  readonly schema?: string;
  /** `pg_type.typname` of the base type: int4, timestamptz, vector … */
  readonly name: string;
  readonly kind: 'base' | 'enum' | 'composite' | 'range' | 'multirange' | 'array' | 'pseudo';
  /** Type modifier (`atttypmod`, through domains), -1 when there is none. */
  readonly typmod: number;
  /** Element type of an array. */
  readonly element?: ColumnType;
  /** Separator between elements when this type is in an array: `;` for box, `,` for all others. */
  readonly delimiter: string;
  /** Labels of an enum. */
  readonly labels?: readonly string[];
  /** SQL of the operators its keys are compared by, where they are not those of `pg_catalog`: types of extensions. */
  readonly operators?: Readonly<Record<'<' | '<=' | '=' | '>=' | '>', string>>;
}

export interface TargetColumn {
  readonly name: string;
  /** The type as SQL text (`format_type`), domains unresolved: goes into DDL and into messages. */
  readonly sqlType: string;
  readonly type: ColumnType;
  /** By the column or by its domain. */
  readonly notNull: boolean;
  /** A default, a serial or an identity gives a value when none is given. */
  readonly hasDefault: boolean;
  readonly identity: 'none' | 'always' | 'by-default';
  readonly generated: boolean;
  /** False for a non-deterministic collation, where different texts may be equal. */
  readonly deterministic: boolean;
  /** Quoted name of a collation other than the default of the type: comparisons of staged text have to name it. */
  readonly collation?: string;
}

export interface TargetTable {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'partitioned';
  /** In attribute order, dropped ones left out. */
  readonly columns: readonly TargetColumn[];
  /** Primary key columns in key order; empty when there is none. */
  readonly primaryKey: readonly string[];
  /** Columns whose values say that two rows are the same one: the primary key, or another one that the caller chose. */
  readonly key: readonly string[];
  /** A deferrable key cannot decide ON CONFLICT. */
  readonly keyDeferrable: boolean;
  /** What a NULL in the key means; undefined where it holds none. 'distinct': such a row is the same as no other. */
  readonly nullsInKey?: 'distinct' | 'equal';
}

/** Whether another key than the primary one decides. */
export function hasChosenKey({
  key,
  primaryKey,
}: Pick<TargetTable, 'key' | 'primaryKey'>): boolean {
  return key.length !== primaryKey.length || key.some((name, n) => name !== primaryKey[n]);
}

/** json or jsonb: a value may be given as JSON text. */
export function isJsonType(type: ColumnType): boolean {
  return type.kind === 'base' && (type.name === 'json' || type.name === 'jsonb');
}
