/** One SQL statement as data: text with placeholders, and their values. Statement functions return it, `Session.query` runs it. */
export interface Statement {
  /** Of the function that makes it, where there is one. What stands in for a database tells statements apart by it. */
  readonly name: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Quotes an identifier. The only place where names become SQL. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes `schema.name`. */
export function qualified(schema: string, name: string): string {
  return `${ident(schema)}.${ident(name)}`;
}

/** A string literal, for the few places where SQL takes no placeholder (DDL and DO blocks). */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  // E'' keeps its meaning whatever standard_conforming_strings says.
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
