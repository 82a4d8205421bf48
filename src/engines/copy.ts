import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Session } from '../database/session.ts';
import type { EngineContext, ExternalFiles, StagedObject } from './engine.ts';
import { type EngineProfile, PROFILES } from './profiles.ts';
import { damaged, readStaged } from './staged-reader.ts';
import { StreamedCopyEngine } from './streamed-copy.ts';

/**
 * For databases that cannot read S3: the loader streams the staged files back through COPY, in the import's transaction.
 * Staging in S3 first is what lets a task be resumed.
 */
export class CopyEngine extends StreamedCopyEngine {
  readonly profile: EngineProfile = PROFILES.copy;
  readonly #objects: EngineContext['objects'];

  constructor({ objects }: EngineContext) {
    super();
    this.#objects = objects;
  }

  /** The first import tells: every PostgreSQL can do this, and the right to temporary tables is the default. */
  async prepare(_session: Session): Promise<void> {}

  protected async rowsOf(
    file: StagedObject,
    { gzip, signal }: ExternalFiles,
  ): Promise<AsyncIterable<Buffer>> {
    const stored = await readStaged(this.#objects, file, signal);
    return gzip ? inflated(stored, file) : stored;
  }
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
