import { randomUUID } from 'node:crypto';
import { howLost, lastMove, lostRows, type WrittenTarget } from '../core/imported-target.ts';
import { wentBack } from '../core/task-failure.ts';
import type { Writer } from '../core/writer.ts';
import type { Transaction } from '../database/session.ts';
import { type HeldImportRow, holdImport, insertMarker } from '../database/statements/committed.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import type { HeldTables } from '../target/hold-table.ts';
import { lostTask } from './taken-over.ts';

/** An import that has written its rows. */
interface WritingImport {
  readonly writer: Writer;
  readonly target: { readonly schema: string; readonly name: string };
  /** What it holds, so that it stays what it is until the commit. */
  readonly held: HeldTables;
  readonly profile: EngineProfile;
}

/**
 * Holds the task's epoch, and checks that this import writes to what the imports before it wrote to: else their rows
 * are gone, and COMPLETED would be wrong (G1). The first one into an unlogged table leaves a row that goes with it.
 * @throws RelytError DATABASE_WENT_BACK, LEASE_LOST
 */
export async function holdWritten(
  transaction: Transaction,
  { writer, target: { schema, name }, held, profile }: WritingImport,
): Promise<WrittenTarget> {
  const { table, auxiliary } = held;
  const oids = auxiliary === null ? [table] : [table, auxiliary];
  const [before] = await transaction.query<HeldImportRow>(
    holdImport(writer, { schema, name, oids }, profile.dialect),
  );
  if (before === undefined) throw await lostTask(transaction, writer);
  const lost = lostRows(before, { ...before, foundTable: table });
  if (lost !== undefined) throw wentBack(writer.processId, howLost(lost, `${schema}.${name}`));
  const written = writtenWith(before, held);
  if (!before.unlogged) return { ...written, marker: null };
  if (before.marker !== null) return { ...written, marker: before.marker };
  const marker = randomUUID();
  if ((await transaction.execute(insertMarker(writer.processId, marker))) !== 1)
    throw new RelytError('INTERNAL', 'The marker of an unlogged table was not written.');
  return { ...written, marker };
}

/** Imports side by side know the same moves, because a move waits for all of them. */
function writtenWith(
  before: HeldImportRow,
  { table, auxiliary }: HeldTables,
): Omit<WrittenTarget, 'marker'> {
  const moves = lastMove(before.moved);
  const movesBefore = before.movesBefore ?? moves;
  if (auxiliary !== null) return { table, auxiliary, movesBefore, auxiliaryMoves: moves };
  const { auxiliary: written, auxiliaryMoves } = before;
  return { table, auxiliary: written, movesBefore, auxiliaryMoves };
}
