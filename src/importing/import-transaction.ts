import { sourceRows, sourceText } from '../applying/source-rows.ts';
import type { ImportCounts } from '../core/import-counts.ts';
import { CSV } from '../core/layout.ts';
import type { Database } from '../database/database.ts';
import type { Transaction } from '../database/session.ts';
import { commitFiles } from '../database/statements/file.ts';
import { beginImport, insertImport } from '../database/statements/import.ts';
import type { Engine, ExternalFiles } from '../engines/engine.ts';
import { failpoint } from '../failpoints.ts';
import type { HeldTables } from '../target/hold-table.ts';
import { holdTarget } from '../target/hold-target.ts';
import { mayCopyStraight } from '../target/straight-copy.ts';
import type { ImportAttempt, ImportPorts, ImportResult, ImportTarget } from './import-attempt.ts';
import { checkedCounts, importRows, writeGeneration } from './import-rows.ts';
import { inspectObjects } from './object-inspection.ts';
import { reading, readingText } from './read-files.ts';
import { lostTask } from './taken-over.ts';
import { holdWritten } from './written-target.ts';

/**
 * One import, one transaction: external table, insert, count check, drop, flip of the file rows, commit.
 * Either all of it happened or none (G1), and it accounts for every record (G2).
 */
export async function importTransaction(
  ports: Omit<ImportPorts, 'database'> & { readonly database: Pick<Database, 'transaction'> },
  target: ImportTarget,
  attempt: ImportAttempt,
): Promise<ImportResult> {
  // Nothing is locked yet, so requests to S3 keep no other waiting.
  await checkObjects(ports, attempt);
  const result = await ports.database.transaction(async (transaction) => {
    await transaction.execute(beginImport(attempt.timeLimitMs, target.reading));
    const { engine } = ports;
    const held = await holdTarget(transaction, target, engine.profile.dialect);
    const external = externalFiles(target, attempt);
    const result =
      (await copiedStraight(transaction, engine, { target, held, external, attempt })) ??
      (await throughRelation(transaction, ports, { target, held, external, attempt }));
    await recordImport(transaction, { engine, target, held }, attempt, result.counts);
    await failpoint('before-commit');
    return result;
  }, attempt.signal);
  await failpoint('committed');
  return result;
}

interface OpenedImport {
  readonly target: ImportTarget;
  readonly held: HeldTables;
  readonly external: ExternalFiles;
  readonly attempt: ImportAttempt;
}

/**
 * The files by COPY into the target; undefined where that would not be what INSERT does. Triggers may swallow rows: that
 * is found out, and what it means is for an import through a relation to say.
 */
async function copiedStraight(
  transaction: Transaction,
  engine: Engine,
  { target, held, external, attempt }: OpenedImport,
): Promise<ImportResult | undefined> {
  const wanted = attempt.straight && !external.asText && external.layout.format === 'tuples';
  if (!wanted || target.mode !== 'insert' || engine.copyStraight === undefined) return undefined;
  if (!(await mayCopyStraight(transaction, target, held))) return undefined;
  attempt.tries('straight');
  await failpoint('external-created');
  const inserted = await engine.copyStraight(transaction, external);
  const reported = { read: inserted, winners: inserted, written: inserted, inserted, rejected: 0 };
  const counts = checkedCounts(target.mode, attempt.files, reported);
  await writeGeneration(transaction, attempt);
  await failpoint('rows-inserted');
  return { counts, refused: [] };
}

/** The files as a relation, whose rows are applied. */
async function throughRelation(
  transaction: Transaction,
  ports: Pick<ImportPorts, 'engine' | 'objects'>,
  { target, held, external, attempt }: OpenedImport,
): Promise<ImportResult> {
  const { engine } = ports;
  const open = () => engine.open(transaction, external);
  const relation = external.asText
    ? await readingText(engine, attempt.files, open)
    : await reading(engine, open);
  const opened = { relation, layout: external.layout, columns: target.columns };
  const source = external.asText ? sourceText(opened) : sourceRows(opened);
  await failpoint('external-created');
  const rows = { ...attempt, source, held };
  const result = await importRows(transaction, engine, target, rows);
  await failpoint('rows-inserted');
  await checkObjects(ports, attempt);
  await engine.close(transaction, relation, external);
  return result;
}

function externalFiles(target: ImportTarget, attempt: ImportAttempt): ExternalFiles {
  const { files, importId, timeLimitMs, isolation, signal } = attempt;
  return {
    name: `${target.writer.processId.replaceAll('-', '')}_${importId}`,
    table: target.table,
    columns: target.columns,
    files,
    gzip: files.some((file) => file.key.endsWith('.gz')),
    layout: files[0]?.layout ?? CSV,
    asText: isolation !== undefined,
    timeLimitSeconds: Math.max(60, Math.ceil(timeLimitMs / 1000)),
    signal,
  };
}

/**
 * Where nothing ties the database's own downloads to the objects that were staged, the loader looks at these before and
 * after. What is replaced and put back in between is not seen.
 */
async function checkObjects(
  { engine, objects }: Pick<ImportPorts, 'engine' | 'objects'>,
  { files, signal }: ImportAttempt,
): Promise<void> {
  if (!engine.profile.readsUnseen) return;
  const wrong = await inspectObjects(objects, files, { signal });
  if (wrong !== undefined) throw wrong;
}

interface Recorded {
  readonly engine: Engine;
  readonly target: ImportTarget;
  readonly held: HeldTables;
}

/** Epoch and flip come last, so that what they lock is locked shortly. */
async function recordImport(
  transaction: Transaction,
  { engine, target, held }: Recorded,
  { importId, files, generation }: ImportAttempt,
  counts: ImportCounts,
): Promise<void> {
  const { writer, table } = target;
  const { processId } = writer;
  const { profile } = engine;
  const written = await holdWritten(transaction, { writer, target: table, held, profile });
  await transaction.execute(
    insertImport({ processId, importId, files: files.length, counts, written }),
  );
  // Its files were written as imported ones.
  if (generation !== undefined) return;
  const fileIds = files.map((file) => file.fileId);
  const flipped = await transaction.execute(commitFiles(processId, fileIds, importId));
  if (flipped !== files.length) throw await lostTask(transaction, writer);
}
