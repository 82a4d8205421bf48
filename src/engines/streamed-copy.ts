import { underRolePath } from '../database/role-path.ts';
import type { Transaction } from '../database/session.ts';
import { ident, qualified, type Statement } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import { BINARY_HEADER } from './binary-header.ts';
import type { ExternalFiles, StagedObject } from './engine.ts';
import { miscounted } from './staged-sum.ts';
import {
  copyFile,
  createStagedTable,
  numberRows,
  STAGED_TABLE,
  skipGaps,
  TemporaryTableEngine,
} from './temporary-table.ts';

/** Its fields are the columns, in this order. */
const copyStraight = ({ table, columns }: ExternalFiles): Statement => {
  const names = columns.map(({ name }) => ident(name)).join(', ');
  return {
    name: 'copyStraight',
    text: `copy ${qualified(table.schema, table.name)} (${names}) from stdin (format binary)`,
  };
};

/**
 * Engines of which the loader itself streams the rows through COPY: straight into the target, or into a temporary table
 * from which they are applied.
 */
export abstract class StreamedCopyEngine extends TemporaryTableEngine {
  /** The rows of one file as they were encoded; they end only after all of them were those that were staged. */
  protected abstract rowsOf(
    file: StagedObject,
    files: ExternalFiles,
  ): Promise<AsyncIterable<Buffer>>;

  /** One COPY, so that triggers of the statement fire as often as they do with INSERT. */
  async copyStraight(transaction: Transaction, files: ExternalFiles): Promise<number> {
    return underRolePath(transaction, () =>
      transaction.copyIn(copyStraight(files), withHeader(this.#rowsOfAll(files))),
    );
  }

  async open(transaction: Transaction, files: ExternalFiles): Promise<string> {
    await transaction.execute(createStagedTable(files));
    await underRolePath(transaction, async () => {
      for (const file of files.files) await this.#stage(transaction, file, files);
    });
    return STAGED_TABLE;
  }

  async #stage(transaction: Transaction, file: StagedObject, files: ExternalFiles): Promise<void> {
    const ordinals = ordinalsOf(file, files);
    if (ordinals !== undefined) await transaction.execute(numberRows(ordinals.first));
    const rows = await this.rowsOf(file, files);
    const lines = files.layout.format === 'csv' ? rows : withHeader(rows);
    const came = await transaction.copyIn(copyFile(files), lines);
    // Before anything is inserted; of files of an older version no more than this is known.
    if (came !== file.records) throw miscounted(file, came);
    if (ordinals !== undefined && ordinals.gaps.length > 0)
      await transaction.execute(skipGaps(ordinals, file.records));
  }

  async *#rowsOfAll(files: ExternalFiles): AsyncGenerator<Buffer> {
    for (const file of files.files) yield* await this.rowsOf(file, files);
  }
}

function ordinalsOf({ key, rowOrdinals }: StagedObject, { layout }: ExternalFiles) {
  if (layout.format !== 'tuples' || rowOrdinals !== undefined) return rowOrdinals;
  throw new RelytError('INTERNAL', `nothing tells the ordinals of the rows of ${key}`);
}

/** Files of tuples have none. */
async function* withHeader(tuples: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield BINARY_HEADER;
  yield* tuples;
}
