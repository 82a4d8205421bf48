import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { underRolePath } from '../database/role-path.ts';
import type { Session, Transaction } from '../database/session.ts';
import { BINARY_HEADER } from './binary-header.ts';
import type { EngineContext, ExternalFiles, StagedObject } from './engine.ts';
import { type EngineProfile, PROFILES } from './profiles.ts';
import { damaged, readStaged } from './staged-reader.ts';
import { miscounted } from './staged-sum.ts';
import {
  copyFile,
  createStagedTable,
  STAGED_TABLE,
  TemporaryTableEngine,
} from './temporary-table.ts';

/**
 * For databases that cannot read S3: the loader streams the staged files back through COPY into a temporary table,
 * in the import's transaction. Staging in S3 first is what lets a task be resumed.
 */
export class CopyEngine extends TemporaryTableEngine {
  readonly profile: EngineProfile = PROFILES.copy;
  readonly #objects: EngineContext['objects'];

  constructor({ objects }: EngineContext) {
    super();
    this.#objects = objects;
  }

  /** The first import tells: every PostgreSQL can do this, and the right to temporary tables is the default. */
  async prepare(_session: Session): Promise<void> {}

  async open(transaction: Transaction, files: ExternalFiles): Promise<string> {
    await transaction.execute(createStagedTable(files));
    const copy = copyFile(files);
    await underRolePath(transaction, async () => {
      for (const file of files.files) {
        const rows = await transaction.copyIn(copy, await this.#linesOf(file, files));
        // Before anything is inserted; of files of an older version no more than this is known.
        if (rows !== file.records) throw miscounted(file, rows);
      }
    });
    return STAGED_TABLE;
  }

  async #linesOf(
    file: StagedObject,
    { gzip, layout, signal }: ExternalFiles,
  ): Promise<AsyncIterable<Buffer>> {
    const stored = await readStaged(this.#objects, file, signal);
    const rows = gzip ? inflated(stored, file) : stored;
    return layout.format === 'csv' ? rows : withHeader(rows);
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
