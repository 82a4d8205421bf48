import type { Repertoire } from '../core/repertoire.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { Writer } from '../core/writer.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Database } from '../database/database.ts';
import { readReading } from '../database/reading.ts';
import { readRepertoire } from '../database/repertoire.ts';
import type { Transaction } from '../database/session.ts';
import { ident, qualified } from '../database/statement.ts';
import { freezeFiles, insertFile, takeFiles } from '../database/statements/file.ts';
import { insertCheckpoint, insertTask } from '../database/statements/task.ts';
import type { Engine, StagedReader } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import type { ImportTarget } from '../importing/import-attempt.ts';
import type { ImportFile } from '../importing/import-file.ts';
import { importTransaction } from '../importing/import-transaction.ts';
import { encoderFor, firstLayout } from '../records/layout-choice.ts';
import { resolveMapping } from '../records/mapping.ts';
import type { EncodedRow, RecordEncoder } from '../records/record-encoder.ts';
import { VERSION } from '../version.ts';
import {
  PROBE_COLUMNS,
  type ProbeRecord,
  type ProbeRow,
  probeRecordsFor,
} from './probe-records.ts';

export interface ProbeLoad {
  readonly engine: Engine;
  readonly objects: StagedReader;
  readonly processId: string;
  /** Where a table that is not temporary may be created. */
  readonly schema: string;
  /** Puts the rows where the import reads them. */
  readonly stage: (rows: readonly EncodedRow[]) => Promise<Pick<ImportFile, 'key' | 'stored'>>;
  readonly signal: AbortSignal;
}

/** What was loaded, and what the table then held. */
export interface LoadedProbe {
  readonly records: readonly ProbeRecord[];
  readonly rows: readonly ProbeRow[];
}

const TIME_LIMIT_MS = 45_000;

/**
 * Loads the probe's records by the code of every load: encoder, staged file, bookkeeping, import transaction. It all
 * happens in the transaction of the caller, who rolls it back: no table and no row is left, even if this process dies.
 */
export async function loadProbe(transaction: Transaction, probe: ProbeLoad): Promise<LoadedProbe> {
  const { engine, objects, processId, signal } = probe;
  await engine.prepare(transaction);
  const table = await createTable(transaction, probe);
  // The probe is one transaction.
  const database: Pick<Database, 'transaction'> = { transaction: (work) => work(transaction) };
  const repertoire = await readRepertoire(transaction, database);
  const encoder = probeEncoder(table, engine, repertoire);
  const records = probeRecordsFor(repertoire);
  const rows = records.map((record, n) => encoder.encode({ id: n + 1, ...values(record) }, n + 1));
  const staged = await probe.stage(rows);
  const writer: Writer = { processId, epoch: 1, owner: 'relyt doctor' };
  const file: ImportFile = {
    fileId: 1,
    lane: 0,
    records: rows.length,
    layout: encoder.layout,
    epoch: writer.epoch,
    ...staged,
  };
  await writeBookkeeping(transaction, { writer, table, engine, file });
  await importTransaction(
    { database, engine, objects },
    await probeTarget(transaction, { writer, table, columns: encoder.columns }),
    {
      importId: 1,
      files: [file],
      number: 1,
      reduceKeys: false,
      upsertBy: 'merge',
      tries: () => undefined,
      straight: false,
      isolation: undefined,
      timeLimitMs: TIME_LIMIT_MS,
      takeRejects: () => false,
      signal,
    },
  );
  return { records, rows: await readBack(transaction, table) };
}

async function probeTarget(
  transaction: Transaction,
  target: Pick<ImportTarget, 'writer' | 'table' | 'columns'>,
): Promise<ImportTarget> {
  return { ...target, mode: 'update', reading: await readReading(transaction) };
}

function values({ text, time, number, bytes }: ProbeRecord) {
  return { text, time, number, bytes };
}

/** In the layout that a load takes by itself. */
function probeEncoder(
  table: TargetTable,
  { profile: { readsBinary } }: Engine,
  repertoire: Repertoire | undefined,
): RecordEncoder {
  const columns = table.columns.map((column) => column.name);
  const mapping = resolveMapping({ table, columns, first: { id: 1, text: '' } });
  const options = { table, mapping, lanes: 1, repertoire };
  return encoderFor(options, firstLayout(options, { wanted: 'auto', readsBinary }));
}

/** A temporary table where the engine can take one: then no right to create tables is needed. */
async function createTable(transaction: Transaction, probe: ProbeLoad): Promise<TargetTable> {
  const { dialect, temporaryExternalTable: temporary } = probe.engine.profile;
  const name = `relyt_doctor_${probe.processId.replaceAll('-', '')}`;
  const columns = PROBE_COLUMNS.map((column) => `${ident(column.name)} ${column.type}`);
  const place = temporary
    ? `temporary table ${ident(name)}`
    : `table ${qualified(probe.schema, name)}`;
  const spread = dialect.distributed ? ' distributed by (id)' : '';
  await transaction.execute({
    name: 'createProbeTable',
    text: `create ${place} (id int primary key, ${columns.join(', ')})${spread}`,
  });
  const schema = temporary ? await temporarySchema(transaction) : probe.schema;
  return readTargetTable(transaction, { schema, table: name });
}

async function temporarySchema(transaction: Transaction): Promise<string> {
  const [row] = await transaction.query<{ name: string }>({
    name: 'temporarySchema',
    text: 'select nspname::text as name from pg_catalog.pg_namespace where oid = pg_my_temp_schema()',
  });
  if (row === undefined)
    throw new RelytError('INTERNAL', 'There is no schema of temporary tables.');
  return row.name;
}

/** The rows that the import looks at and changes, as a task would have written them. */
async function writeBookkeeping(
  transaction: Transaction,
  task: { writer: Writer; table: TargetTable; engine: Engine; file: ImportFile },
): Promise<void> {
  const { writer, table, engine, file } = task;
  const { fileId, records, key } = file;
  const entry = {
    processId: writer.processId,
    pgTable: `${table.schema}.${table.name}`,
    engine: engine.profile.engine,
    owner: writer.owner,
    leaseSeconds: 60,
    settings: {},
    sdkVersion: VERSION,
  };
  await transaction.execute(insertTask(entry));
  await transaction.execute(insertCheckpoint(entry));
  const place = { fileId, generation: 1, lane: 0, bucket: '', key, url: '' };
  await transaction.execute(insertFile(writer, place));
  const frozen = {
    ...{ fileId, lane: 0, key, records, layout: file.layout },
    ...{ firstOrdinal: 1, lastOrdinal: records, ordinalSum: 0n, lines: [] },
    ...{ bytes: 0, stored: { size: 0, etag: undefined, crc32: undefined } },
  };
  await transaction.execute(
    freezeFiles(writer.processId, {
      files: [frozen],
      columns: table.columns.map(({ name }) => name),
      mode: 'update',
      source: { position: undefined, positionOrdinal: 0, filePosition: undefined },
    }),
  );
  await transaction.execute(takeFiles(writer, [fileId]));
}

function readBack(transaction: Transaction, table: TargetTable): Promise<ProbeRow[]> {
  const columns = PROBE_COLUMNS.map(({ name, readBack: sql }) => `${sql} as ${ident(name)}`);
  return transaction.query<ProbeRow>({
    name: 'readBack',
    text: `select id, ${columns.join(', ')} from ${qualified(table.schema, table.name)} order by id`,
  });
}
