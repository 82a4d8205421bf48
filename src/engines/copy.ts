import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { underRolePath } from '../database/role-path.ts';
import type { Session, Transaction } from '../database/session.ts';
import { ident, qualified, type Statement } from '../database/statement.ts';
import { BINARY_HEADER } from './binary-header.ts';
import type { EngineContext, ExternalFiles, StagedObject } from './engine.ts';
import type { EngineProfile } from './profiles.ts';
import { damaged, readStaged } from './staged-reader.ts';
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
 * For databases that cannot read S3: the loader itself streams the rows of the files through COPY, in the import's
 * transaction, straight into the target or into a temporary table from which they are applied. The files of the engine
 * `direct` come from memory.
 */
export class CopyEngine extends TemporaryTableEngine {
  readonly profile: EngineProfile;
  readonly #objects: EngineContext['objects'];

  constructor(profile: EngineProfile, { objects }: EngineContext) {
    super();
    this.profile = profile;
    this.#objects = objects;
  }

  /** The first import tells: every PostgreSQL can do this, and the right to temporary tables is the default. */
  async prepare(_session: Session): Promise<void> {}

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
    const { rowOrdinals: ordinals } = file;
    if (ordinals !== undefined) await transaction.execute(numberRows(ordinals.first));
    const rows = await this.#rowsOf(file, files);
    const lines = files.layout.format === 'csv' ? rows : withHeader(rows);
    const came = await transaction.copyIn(copyFile(files), lines);
    // Before anything is inserted; of files of an older version no more than this is known.
    if (came !== file.records) throw miscounted(file, came);
    if (ordinals !== undefined && ordinals.gaps.length > 0)
      await transaction.execute(skipGaps(ordinals, file.records));
  }

  /** As they were encoded; they end only after all of them were those that were staged. */
  async #rowsOf(
    file: StagedObject,
    { gzip, signal }: ExternalFiles,
  ): Promise<AsyncIterable<Buffer>> {
    const stored = await readStaged(this.#objects, file, signal);
    return gzip ? inflated(stored, file) : stored;
  }

  async *#rowsOfAll(files: ExternalFiles): AsyncGenerator<Buffer> {
    for (const file of files.files) yield* await this.#rowsOf(file, files);
  }
}

/** Files of tuples have none. */
async function* withHeader(tuples: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield BINARY_HEADER;
  yield* tuples;
}

/** A failure of either end reaches the reader: the pipeline destroys what is between them with it. */
async function* inflated(
  stored: AsyncIterable<Buffer>,
  { key }: StagedObject,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const piped = pipeline(stored, gunzip);
  piped.catch(() => undefined);
  try {
    yield* gunzip;
    await piped;
  } catch (error) {
    const { code } = error as { code?: unknown };
    const notGzip = typeof code === 'string' && code.startsWith('Z_');
    throw notGzip ? damaged(key, 'it cannot be decompressed', error) : error;
  }
}
