import type { Transaction } from '../database/session.ts';
import type { StagedObject } from '../engines/engine.ts';
import type { QueuedFile } from './import-queue.ts';

/** A file ready to be imported: a frozen one, or one from memory that is frozen by its import. */
export interface ImportFile extends QueuedFile, StagedObject {
  /** Of a file from memory, which is alone in its import. */
  readonly generation?: ClosedGeneration;
}

/** A generation of which nothing is durable before its import commits. */
export interface ClosedGeneration {
  /** Resolves when this attempt may begin. */
  begin(attempt: number): Promise<void>;
  /** Writes its rows: the file's, imported already, and how far the task is with it. */
  write(
    transaction: Transaction,
    of: { readonly importId: number; readonly attempts: number },
  ): Promise<void>;
  /** The import has committed. */
  committed(): void;
}
