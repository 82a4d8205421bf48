/** How the name of a table is written in a command or a setting. */

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

const NAME = '"(?:[^"]|"")+"|[^".]+';
const TABLE_NAME = new RegExp(`^(?:(${NAME})\\.)?(${NAME})$`);

/**
 * `table`, `schema.table` or `"odd.schema"."odd table"`, spelled as in the catalogue and never folded to lower case;
 * undefined when the text is none of these.
 */
export function splitTableName(
  text: string,
): { readonly schema: string | undefined; readonly table: string } | undefined {
  const [, schema, table] = TABLE_NAME.exec(text) ?? [];
  if (table === undefined) return undefined;
  return { schema: schema === undefined ? undefined : unquoted(schema), table: unquoted(table) };
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
