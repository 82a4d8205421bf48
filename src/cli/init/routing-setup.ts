import type { Command } from 'commander';
import type { Database } from '../../database/database.ts';
import { detectEngine } from '../../engines/detect.ts';
import type { EngineName } from '../../engines/profiles.ts';
import { RelytError } from '../../errors.ts';
import { type PreparedRouting, prepareRouting } from '../../routing/prepare-routing.ts';
import { qualifiedTableName } from '../../routing/qualified-table-name.ts';
import { collected } from '../argument-parsers.ts';

export interface RoutingFlags {
  readonly routing?: readonly string[];
  readonly groupColumn?: string;
  readonly view?: boolean;
}

/** `--routing` and what goes with it. */
export function addRoutingOptions(command: Command): Command {
  return command
    .option(
      '--routing <schema.table>',
      'create the auxiliary and the routing table of this table (may be repeated)',
      collected,
    )
    .option(
      '--group-column <name>',
      'with --routing: the column of the groups, if it is neither group_id nor routing_id; stored for all loads',
    )
    .option('--view', 'with --routing: also a view over both tables, TABLE_relyt_all');
}

/** @throws RelytError CONFIG_INVALID before anything is written */
export function checkRoutingFlags(flags: RoutingFlags & { readonly printSql?: boolean }): void {
  for (const table of flags.routing ?? []) qualifiedTableName(table);
  if (flags.routing !== undefined && !flags.printSql) return;
  const wrong =
    flags.routing !== undefined
      ? '--print-sql cannot say what --routing does without looking at the table'
      : flags.groupColumn !== undefined
        ? '--group-column means nothing without --routing'
        : flags.view
          ? '--view means nothing without --routing'
          : undefined;
  if (wrong === undefined) return;
  throw new RelytError('CONFIG_INVALID', wrong, { hint: 'See `relyt init --help`.' });
}

/** Routing of every table named, in a database whose schema is prepared. */
export async function prepareRoutings(
  database: Database,
  flags: RoutingFlags,
  { engine, roles }: { readonly engine: EngineName; readonly roles: readonly string[] },
): Promise<readonly PreparedRouting[]> {
  const { dialect } = await detectEngine(database, engine);
  const prepared: PreparedRouting[] = [];
  for (const name of flags.routing ?? []) {
    const { groupColumn, view = false } = flags;
    const setup = { ...qualifiedTableName(name), groupColumn, view, roles };
    prepared.push(await prepareRouting(database, dialect, setup));
  }
  return prepared;
}

/** What was done, in lines for a person. */
export function routingLines(prepared: readonly PreparedRouting[]): string[] {
  return prepared.flatMap(({ table, auxiliary, routing, view, groupColumn, created, granted }) => {
    const say = (name: string) => `${name} ${created.includes(name) ? 'created' : 'was there'}`;
    const { main, auxiliary: other } = groupColumn;
    const group = main === other ? main : `${main} (${other} in the auxiliary table)`;
    return [
      `routing   ${table} by ${group}: ${say(auxiliary)}, ${say(routing)}`,
      ...(view === null ? [] : [`view      ${view} over both`]),
      ...granted.map((grant) => `grant     ${grant}`),
    ];
  });
}
