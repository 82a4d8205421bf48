/** Row security of a routed table, and the view that would show what it hides. */

import type { Dialect } from '../core/dialect.ts';
import { viewCommand } from '../core/routing-commands.ts';
import type { Reader } from '../database/session.ts';
import { qualified } from '../database/statement.ts';
import {
  type RowSecurity,
  rowSecurityOf,
  viewReads,
  viewReadsAsReader,
} from '../database/statements/routing-view.ts';
import { type RoutedTable, routingNames } from './routed-table.ts';

/** Of the main and the auxiliary table. */
export async function readRowSecurity(
  session: Reader,
  dialect: Dialect,
  { main, auxiliary }: RoutedTable,
): Promise<RowSecurity> {
  const tables = [main, auxiliary].map(({ schema, name }) => ({ schema, table: name }));
  const [row] = await session.query<RowSecurity>(rowSecurityOf(dialect, tables));
  return row ?? { isOn: false, viewsCanAsk: false };
}

/** A view that shows all rows to all readers, though a table under it hides some. */
export interface OpenView {
  /** `schema.view`, for people. */
  readonly name: string;
  /** The command that repairs it, or the SQL that drops it where no view can be told to hide rows. */
  readonly mend: string;
}

/** Of a view that was made before row security was enabled; undefined where all is as it should be. */
export async function findOpenView(
  session: Reader,
  dialect: Dialect,
  routed: RoutedTable,
): Promise<OpenView | undefined> {
  const { main, routing } = routed;
  const { isOn, viewsCanAsk } = await readRowSecurity(session, dialect, routed);
  if (!isOn) return undefined;
  const view = { schema: main.schema, name: routingNames(main.name).view };
  const [found] = await session.query<{ asReader: boolean }>(viewReadsAsReader(view));
  if (found === undefined || found.asReader) return undefined;
  const [ours] = await session.query<{ found: boolean }>(viewReads(view, routing));
  if (ours?.found !== true) return undefined;
  const mend = viewsCanAsk ? viewCommand(main) : `DROP VIEW ${qualified(view.schema, view.name)};`;
  return { name: `${view.schema}.${view.name}`, mend };
}
