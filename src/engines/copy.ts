import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { underRolePath } from '../database/role-path.ts';
import type { Session, Transaction } from '../database/session.ts';
import { RelytError } from '../errors.ts';
import type { EngineContext, ExternalFiles, StagedObject } from './engine.ts';
import { type EngineProfile, PROFILES } from './profiles.ts';
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
        checkRows(file, rows);
      }
    });
    return STAGED_TABLE;
  }

  async #linesOf(
    { key }: StagedObject,
    { gzip, signal }: ExternalFiles,
  ): Promise<AsyncIterable<Buffer>> {
    const stored = await this.#objects.readObject(key, signal).catch(explainLost);
    return gzip ? inflated(stored) : stored;
  }
}

/** What is not there any more does not come back, however often it is asked for. */
function explainLost(error: unknown): never {
  if (!(error instanceof RelytError) || error.details.s3Error !== 'NoSuchKey') throw error;
  const { message, details } = error;
  throw new RelytError('STAGED_FILE_LOST', message, { details, cause: error });
}

/** A failure of either end reaches the reader: the pipeline destroys what is between them with it. */
async function* inflated(stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const piped = pipeline(stored, gunzip);
  piped.catch(() => undefined);
  yield* gunzip;
  await piped;
}

/** Before anything is inserted: a file that is not the one that was staged. */
function checkRows({ key, records }: StagedObject, rows: number): void {
  if (rows === records) return;
  throw new RelytError(
    'COUNT_MISMATCH',
    `${records} records were staged in ${key}, but it holds ${rows}`,
  );
}
