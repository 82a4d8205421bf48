import { RelytError } from '../errors.ts';

const NAME = '"(?:[^"]|"")+"|[^".]+';
const QUALIFIED = new RegExp(`^(${NAME})\\.(${NAME})$`);

/**
 * `schema.table` or `"odd.schema"."odd table"`, spelled as in the catalogue. The schema has to be said: of two tables
 * of one name, moving groups of the wrong one would be no small mistake.
 * @throws RelytError CONFIG_INVALID
 */
export function qualifiedTableName(text: string): {
  readonly schema: string;
  readonly table: string;
} {
  const [match, schema, table] = QUALIFIED.exec(text) ?? [];
  if (match !== undefined && schema !== undefined && table !== undefined)
    return { schema: unquoted(schema), table: unquoted(table) };
  const isBare = new RegExp(`^(${NAME})$`).test(text);
  throw new RelytError(
    'CONFIG_INVALID',
    isBare
      ? `the table ${text} is named without its schema`
      : `"${text}" is not the name of a table`,
    { hint: isBare ? `Write public.${text}, or the schema it is in.` : 'Write schema.table.' },
  );
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
