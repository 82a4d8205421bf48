import { endMovesCommand } from '../core/routing-commands.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Transaction } from '../database/session.ts';
import { movesUnderWay } from '../database/statements/routed-import.ts';
import { changeRouting } from '../database/statements/routing.ts';
import type { RelytError } from '../errors.ts';
import { auxiliaryColumn, columnToStore, otherwiseTaken } from './find-group-column.ts';
import { ROUTING_SCHEMA, routingNames } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';
import { readStoredColumn, sameColumn, writeStoredColumn } from './stored-column.ts';

/** What was stored for an earlier routing table of this name does not concern the new one. */
export async function chosenColumn(
  transaction: Transaction,
  main: TargetTable,
  { named, isRouted }: { readonly named: string | undefined; readonly isRouted: boolean },
): Promise<string> {
  const stored = isRouted ? await readStoredColumn(transaction, main) : undefined;
  return columnToStore(main, { stored, named });
}

/**
 * Imports and migrations that run look again once they hold the routing table. A group that is halfway was chosen by
 * the column that its migration knows.
 */
export async function storeColumn(
  transaction: Transaction,
  wanted: { readonly main: TargetTable; readonly column: string; readonly isRouted: boolean },
): Promise<void> {
  const { main, column, isRouted } = wanted;
  const names = routingNames(main.name);
  const place = { schema: main.schema, table: names.auxiliary };
  const auxiliary = await readTargetTable(transaction, place);
  const chosen = { main: column, auxiliary: auxiliaryColumn(auxiliary, column) };
  const stored = await readStoredColumn(transaction, main);
  if (stored !== undefined && sameColumn(stored, chosen)) return;
  if (isRouted) {
    await transaction.execute(changeRouting(ROUTING_SCHEMA, names.routing));
    const moves = await transaction.query(movesUnderWay(shownName(main)));
    if (moves.length > 0 && otherwiseTaken(main, column) !== undefined) throw groupsMove(main);
  }
  await writeStoredColumn(transaction, main, chosen);
}

function groupsMove(main: TargetTable): RelytError {
  return routingInvalid(
    main,
    `Groups of ${shownName(main)} are halfway to the other table, by the column that was used until now.`,
    `Run \`${endMovesCommand(main)}\` to end these moves first.`,
  );
}
