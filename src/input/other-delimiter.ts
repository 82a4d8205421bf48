/** Notices a file whose fields are separated by another character than the reader was told. */

const USUAL = [',', ';', '\t', '|'];

/** How the option is given to use it, for a hint. */
export function sayDelimiter(delimiter: string, option: string): string {
  const shown = delimiter === '\t' ? '\\t' : delimiter;
  return `Set ${option} '${shown}', which seems to separate the fields.`;
}

/** The usual delimiter that makes the header name more columns of the table; undefined when none does. */
export function delimiterOfHeader(
  header: string,
  delimiter: string,
  known: ReadonlySet<string>,
): string | undefined {
  const named = (by: string) =>
    header.split(by).filter((name) => known.has(name.replaceAll('"', ''))).length;
  const best = USUAL.toSorted((a, b) => named(b) - named(a))[0];
  return best !== undefined && named(best) > named(delimiter) ? best : undefined;
}

/** The usual delimiter that gives a record the fields it should have; undefined when there is not exactly one. */
export function delimiterOfRecord(
  record: string,
  delimiter: string,
  fields: number,
): string | undefined {
  if (fields < 2 || record.includes(delimiter)) return undefined;
  const fitting = USUAL.filter((by) => by !== delimiter && record.split(by).length === fields);
  return fitting.length === 1 ? fitting[0] : undefined;
}
