import type { IsolationTerms } from '../applying/isolation-block.ts';
import type { ImportCounts } from '../core/import-counts.ts';
import type { UpsertWay } from '../core/upsert-way.ts';
import type { Writer } from '../core/writer.ts';
import type { Database } from '../database/database.ts';
import type { ReadingSettings } from '../database/statements/reading.ts';
import type { Engine, StagedReader } from '../engines/engine.ts';
import type { HeldTarget } from '../target/hold-target.ts';
import type { ClosedGeneration, ImportFile } from './import-file.ts';
import type { RefusedRecord } from './refused-lines.ts';

/** What every import of a task has in common. */
export interface ImportTarget extends HeldTarget {
  readonly writer: Writer;
  /** As when the task began. */
  readonly reading: ReadingSettings;
}

export interface ImportPorts {
  readonly database: Database;
  readonly engine: Engine;
  /** Where the files are staged. */
  readonly objects: StagedReader;
}

/** MERGE for an update, or COPY straight into the target. */
export type SpecialWay = 'merge' | 'straight';

export interface ImportAttempt {
  readonly importId: number;
  readonly files: readonly ImportFile[];
  /** What the import freezes itself; undefined for files that are frozen. */
  readonly generation?: ClosedGeneration | undefined;
  /** 1 for the first one. */
  readonly number: number;
  readonly reduceKeys: boolean;
  /** How an update is to be made, where the table allows both ways. */
  readonly upsertBy: UpsertWay;
  /** Whether rows may go straight into the target, where the files and the table allow it. */
  readonly straight: boolean;
  /** Leave bad records out, on these terms; undefined for the fast way, which fails at the first. */
  readonly isolation: IsolationTerms | undefined;
  /** Time this attempt may take; also the life of the presigned URLs, which nothing needs longer. */
  readonly timeLimitMs: number;
  /** Called with a way that not every table allows, before it is tried: a failure there might not happen elsewhere. */
  readonly tries: (way: SpecialWay) => void;
  /** Takes that many rejected records from the task's budget; false when it has not so many left. */
  readonly takeRejects: (count: number) => boolean;
  /** Ends the attempt: its statement is cancelled and the transaction rolled back. */
  readonly signal: AbortSignal;
}

export interface ImportResult {
  readonly counts: ImportCounts;
  readonly refused: readonly RefusedRecord[];
}

/** It waits for the import before it, which may wait for what this one holds: it lets go, and is tried again. */
export class GaveWayError extends Error {}

/** Other imports used up the budget of rejected records while this one isolated its own: try with what is left. */
export class BudgetSpentError extends Error {}
