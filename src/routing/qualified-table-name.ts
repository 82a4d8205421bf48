import { splitTableName, type TableName } from '../core/table-name.ts';
import { RelytError } from '../errors.ts';

/**
 * `schema.table`, spelled as in the catalogue. The schema must be said: of two tables of one name, moving groups of
 * the wrong one would be a serious mistake.
 * @throws RelytError CONFIG_INVALID
 */
export function qualifiedTableName(text: string): TableName {
  const name = splitTableName(text);
  if (name?.schema !== undefined) return { schema: name.schema, table: name.table };
  const isBare = name !== undefined;
  throw new RelytError(
    'CONFIG_INVALID',
    isBare
      ? `The table ${text} is named without its schema.`
      : `"${text}" is not the name of a table.`,
    { hint: isBare ? `Write public.${text}, or the schema it is in.` : 'Write schema.table.' },
  );
}
