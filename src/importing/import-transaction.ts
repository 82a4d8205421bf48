import {
  accountFor,
  type ConflictMode,
  countMismatch,
  type ImportCounts,
} from '../core/import-counts.ts';
import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Statement } from '../database/statement.ts';
import { flipFiles } from '../database/statements/file.ts';
import { insertImport } from '../database/statements/import.ts';
import { holdEpoch } from '../database/statements/task.ts';
import type { Engine } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import type { QueuedFile } from './import-queue.ts';
import { leaseLost } from './task-ledger.ts';

/** A frozen file, ready to be imported. */
export interface ImportFile extends QueuedFile {
  readonly key: string;
  readonly records: number;
}

/** What every import of a task has in common. */
export interface ImportTarget {
  readonly processId: string;
  readonly epoch: number;
  readonly table: TargetTable;
  readonly columns: readonly TargetColumn[];
  readonly mode: ConflictMode;
  readonly gzip: boolean;
}

export interface ImportPorts {
  readonly database: Database;
  readonly engine: Engine;
  readonly store: ObjectStore;
}

export interface ImportAttempt {
  readonly importId: number;
  readonly files: readonly ImportFile[];
  readonly reduceKeys: boolean;
  /** Time this attempt may take; also the life of the presigned URLs, which nothing needs longer. */
  readonly timeLimitMs: number;
}

/** For the rest of the transaction. PostgreSQL 14 and later also notice a client that died. */
const limitTime = (milliseconds: number): Statement => ({
  text: `select set_config('statement_timeout', $1, true),
       case when current_setting('server_version_num')::int >= 140000
            then set_config('client_connection_check_interval', '1s', true) end`,
  values: [String(Math.max(1, Math.ceil(milliseconds)))],
});

/**
 * One import, one transaction: external table, insert, count check, drop, flip of the file rows, commit.
 * Either all of it happened or none (G1), and it accounts for every record (G2).
 */
export async function importTransaction(
  ports: ImportPorts,
  target: ImportTarget,
  attempt: ImportAttempt,
): Promise<ImportCounts> {
  const expiresSeconds = Math.max(60, Math.ceil(attempt.timeLimitMs / 1000));
  const urls = await Promise.all(
    attempt.files.map((file) => ports.store.presignGet(file.key, expiresSeconds)),
  );
  return ports.database.transaction(async (transaction) => {
    await transaction.execute(limitTime(attempt.timeLimitMs));
    const { table, columns, gzip, mode } = target;
    await ports.engine.open(transaction, { table, columns, urls, gzip });
    const { source } = ports.engine;
    const { reduceKeys } = attempt;
    const reported = await ports.engine.load(transaction, {
      table,
      columns,
      mode,
      reduceKeys,
      source,
    });
    const records = attempt.files.reduce((sum, file) => sum + file.records, 0);
    const counts = accountFor(mode, records, reported);
    const mismatch = countMismatch(counts);
    if (mismatch !== undefined) throw new RelytError('COUNT_MISMATCH', mismatch);
    await ports.engine.close(transaction);
    await recordImport(transaction, target, attempt, counts);
    return counts;
  });
}

/** Epoch and flip come last, so that what they lock is locked shortly. */
async function recordImport(
  transaction: Transaction,
  target: ImportTarget,
  attempt: ImportAttempt,
  counts: ImportCounts,
): Promise<void> {
  const { processId, epoch } = target;
  const { importId, files } = attempt;
  await transaction.execute(insertImport({ processId, importId, files: files.length, counts }));
  if ((await transaction.execute(holdEpoch(processId, epoch))) !== 1) throw leaseLost(processId);
  const fileIds = files.map((file) => file.fileId);
  const flipped = await transaction.execute(flipFiles(processId, fileIds, importId));
  if (flipped !== files.length) throw leaseLost(processId);
}
