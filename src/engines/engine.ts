import type { StatementCounts } from '../core/import-counts.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Session, Transaction } from '../database/database.ts';
import type { InsertPlan } from './insert-statement.ts';

/** Staged files as the database is to read them. */
export interface ExternalFiles {
  readonly table: TargetTable;
  readonly columns: readonly TargetColumn[];
  /** Presigned URLs in the order of import. */
  readonly urls: readonly string[];
  readonly gzip: boolean;
  /** Every column as text: for an isolation of bad records. */
  readonly asText: boolean;
}

/** How one kind of database reads S3: only what differs between them. */
export interface Engine {
  readonly name: string;
  /** Quoted name of the external table that `open` creates. */
  readonly source: string;
  /** Most files one import may read. */
  readonly maxFilesPerImport: number;
  /** Makes sure the database can read this location at all. @throws RelytError with what to do when it cannot */
  prepare(session: Session, locationUrl: string): Promise<void>;
  open(transaction: Transaction, files: ExternalFiles): Promise<void>;
  load(transaction: Transaction, plan: InsertPlan): Promise<StatementCounts>;
  /**
   * Brings in all but the bad records, which it leaves in a temporary table for `keepBadRows`.
   * Fails with SQLSTATE TOO_MANY_BAD when there are more than `maxBad`.
   */
  isolate(transaction: Transaction, plan: InsertPlan, maxBad: number): Promise<StatementCounts>;
  close(transaction: Transaction): Promise<void>;
}
