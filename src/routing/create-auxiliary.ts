import type { Dialect } from '../core/dialect.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { Transaction } from '../database/session.ts';
import {
  addConstraint,
  createLike,
  foreignKeys,
  grantOn,
  grantSequence,
  grantsOn,
  identitySequence,
  numberFrom,
  setOwner,
  type TableGrant,
  type TableTraits,
} from '../database/statements/routing-setup.ts';
import { routingNames } from './routed-table.ts';
import { routingInvalid, shownName } from './routing-invalid.ts';

export interface AuxiliaryWanted {
  readonly main: TargetTable;
  readonly traits: TableTraits;
}

/**
 * Creates the auxiliary table as the main one is: columns, defaults, constraints, key, indexes, storage, owner and
 * rights. Triggers are not copied, and a partitioned main table gets an auxiliary one in one piece.
 */
export async function createAuxiliary(
  transaction: Transaction,
  dialect: Dialect,
  { main, traits }: AuxiliaryWanted,
): Promise<void> {
  refuseRowSecurity(main, traits);
  const mainName = { schema: main.schema, table: main.name };
  const auxiliary = { schema: main.schema, table: routingNames(main.name).auxiliary };
  await transaction.execute(
    createLike(dialect, { main: mainName, auxiliary: auxiliary.table }, traits),
  );
  const constraints = await transaction.query<{ name: string; definition: string }>(
    foreignKeys(mainName),
  );
  for (const constraint of constraints)
    await transaction.execute(addConstraint(auxiliary, constraint));
  const sequences = await shareSequences(transaction, main, auxiliary);
  if (!traits.isOwnedByMe) await transaction.execute(setOwner('table', auxiliary, traits.owner));
  const grants = await transaction.query<TableGrant>(grantsOn(mainName));
  for (const grant of grants) {
    await transaction.execute(grantOn(auxiliary, grant));
    if (grant.privilege !== 'INSERT') continue;
    for (const sequence of sequences)
      await transaction.execute(grantSequence(sequence, grant.role));
  }
}

/** Without its policies the auxiliary table would show rows that the main table hides. */
function refuseRowSecurity(main: TargetTable, { hasRowSecurity }: TableTraits): void {
  if (!hasRowSecurity) return;
  throw routingInvalid(
    main,
    `${shownName(main)} has row security, which an auxiliary table would not get.`,
    'Create the auxiliary table yourself, with its policies, and run this again.',
  );
}

/** The number of a new row comes from one sequence for both tables. Returns the sequences, quoted. */
async function shareSequences(
  transaction: Transaction,
  main: TargetTable,
  auxiliary: { readonly schema: string; readonly table: string },
): Promise<readonly string[]> {
  const sequences: string[] = [];
  for (const { name } of main.columns.filter((column) => column.identity !== 'none')) {
    const [row] = await transaction.query<{ sequence: string | null }>(
      identitySequence({ schema: main.schema, table: main.name }, name),
    );
    if (row === undefined || row.sequence === null) continue;
    await transaction.execute(numberFrom(auxiliary, name, row.sequence));
    sequences.push(row.sequence);
  }
  return sequences;
}
