import { isBrokenText } from '../core/failed-reading.ts';
import { failureCode } from '../database/database-error.ts';
import type { Engine, StagedObject } from '../engines/engine.ts';
import { damaged } from '../engines/staged-reader.ts';
import { namesOf } from '../engines/staged-sum.ts';

/** Work that reads the staged files: its failure says what the engine makes of it. */
export async function reading<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw engine.readFailure(error) ?? error;
  }
}

/**
 * Work that reads the staged files as text. There every record is good, so what cannot be read is not a record, but a
 * transfer that broke, or another object (G2).
 */
export async function readingText<T>(
  engine: Engine,
  files: readonly StagedObject[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await reading(engine, work);
  } catch (error) {
    if (!isBrokenText(failureCode(error))) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    // No cause: its SQLSTATE is that of a bad record.
    throw damaged(namesOf(files), reason);
  }
}
