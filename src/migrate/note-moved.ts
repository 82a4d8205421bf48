/**
 * Tells the loaders which auxiliary tables hold rows that they have imported into the main one: when such a table is
 * lost, these are lost with it (G1).
 */

import type { Transaction } from '../database/session.ts';
import {
  type AuxiliaryChange,
  addAuxiliary,
  anyRow,
  changeAuxiliary,
  type NumberedMove,
  nextMove,
} from '../database/statements/auxiliary-rows.ts';
import { RelytError } from '../errors.ts';
import { type MigratedTable, routingTransaction } from './migrated-table.ts';
import { isFound } from './move-steps.ts';

/** In the transaction, under the routing lock, from which on rows live in the auxiliary table. */
export function noteFilled(transaction: Transaction, migrated: MigratedTable): Promise<void> {
  return note(transaction, migrated, 'filled');
}

/**
 * Notes it if nothing is left in the auxiliary table, so that it may be dropped under a running load. Imports write it
 * under the routing lock: only with that is it known to be empty.
 */
export async function noteEmptied(migrated: MigratedTable): Promise<void> {
  const look = anyRow(migrated.routed.auxiliary);
  const [seen] = await migrated.database.query<{ found: boolean }>(look);
  if (seen?.found === true) return;
  await routingTransaction(migrated, async (transaction, now) => {
    if (!(await isFound(transaction, look))) await note(transaction, now, 'emptied');
  });
}

async function note(
  transaction: Transaction,
  { routed: { main, auxiliary } }: MigratedTable,
  change: AuxiliaryChange,
): Promise<void> {
  const [move] = await transaction.query<NumberedMove>(nextMove(main, auxiliary));
  if (move === undefined) throw new RelytError('INTERNAL', 'A query of one row returned none.');
  const changed = await transaction.execute(changeAuxiliary(move, change));
  if (changed === 0) await transaction.execute(addAuxiliary(move, change));
}
