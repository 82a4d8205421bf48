import type { Command } from 'commander';
import { RelytError } from '../../errors.ts';
import type { RoutingOptions } from '../../prepare/prepare-options.ts';
import type { PreparedRouting } from '../../routing/prepare-routing.ts';
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

/** Undefined where no table is named. @throws RelytError CONFIG_INVALID for flags that mean nothing then */
export function routingOf({
  routing: tables,
  groupColumn,
  view,
  printSql,
}: RoutingFlags & { readonly printSql?: boolean }): RoutingOptions | undefined {
  if (tables !== undefined && !printSql)
    return { tables, ...(groupColumn !== undefined && { groupColumn }), view: view === true };
  const wrong =
    tables !== undefined
      ? '--print-sql cannot show what --routing does without looking at the table.'
      : groupColumn !== undefined
        ? '--group-column has no effect without --routing.'
        : view
          ? '--view has no effect without --routing.'
          : undefined;
  if (wrong === undefined) return undefined;
  throw new RelytError('CONFIG_INVALID', wrong, { hint: 'See `relyt init --help`.' });
}

/** What was done, as lines for people. */
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
