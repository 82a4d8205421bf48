/** How the name of a table is written in a command or a setting. */

import { shellWord } from '../shell-word.ts';

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

/** The name of a table in a command of a hint: a shell and `splitTableName` make the same table of it. */
export function tableWord(schema: string, table: string): string {
  return shellWord(`${spelled(schema)}.${spelled(table)}`);
}

/** A name that looks like an option, or like several names, is quoted too. */
function spelled(name: string): string {
  return /^[^-".,][^".,]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
