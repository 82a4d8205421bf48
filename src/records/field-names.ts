/** What the fields of rows are called, where they are found by name. Rows of the same names share one of these. */
export class FieldNames {
  readonly list: readonly string[];
  /** Whether the field at the same index is for a json column: its values stay JSON text. */
  readonly areJson: readonly boolean[];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(list: readonly string[], jsonColumns: ReadonlySet<string>) {
    this.list = list;
    this.areJson = list.map((name) => jsonColumns.has(name));
    this.#numbers = new Map(list.map((name, field) => [name, field]));
  }

  /** Behind the fields of a row there is one more, which never has a value: it stands for every other name. */
  get nameless(): number {
    return this.list.length;
  }

  numberOf(name: string): number {
    return this.#numbers.get(name) ?? this.nameless;
  }
}

/** Number of the field that a property is in rows of these names; without names the property is the number. */
export function fieldNumber(names: FieldNames | undefined, property: string | number): number {
  return names === undefined ? Number(property) : names.numberOf(String(property));
}

/** Makes something of the names of a row, once as long as rows have the same ones. */
export function perNames<T>(
  make: (names: FieldNames | undefined) => T,
): (row: { readonly names: FieldNames | undefined }) => T {
  let names: FieldNames | undefined;
  let made = make(names);
  return (row) => {
    if (row.names !== names) {
      names = row.names;
      made = make(names);
    }
    return made;
  };
}
