import type { S3Settings } from '../core/s3-settings.ts';
import type { StagedBytes } from '../core/staged-bytes.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { RelytError } from '../errors.ts';
import type { EncodedRow } from '../records/record-encoder.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { PartPool } from '../staging/part-pool.ts';
import { StagedFile } from '../staging/staged-file.ts';
import { known, SkippedError } from './findings.ts';
import { loadProbe } from './probe-load.ts';
import { probeKey } from './probe-place.ts';
import { PROBE_RECORDS, probeDifferences } from './probe-records.ts';
import { mayCreateIn } from './required-rights.ts';
import { rolledBack } from './rolled-back.ts';
import type { Examination, Step } from './step.ts';

const CLEANUP_MS = 5_000;

/** A small load by the code of every load, compared value by value, and taken back. */
export const PROBE: Step = {
  name: 'probe load',
  asks: 'database',
  seconds: 60,
  async run(examination, signal) {
    const { findings, processId } = examination;
    const found = known(findings, 'database', 's3', 'store', 'bucket', 'engine');
    const { database, engine, store, s3 } = found;
    const schema = await schemaFor(examination, database);
    const folders = engine.profile.folderPerImport;
    const key = probeKey(s3, processId, { fileId: 3, folders });
    const stage = async (rows: readonly EncodedRow[]) => {
      const stored = await stageRows({ store, s3, key, signal }, rows);
      return { key, stored };
    };
    try {
      const { rows, records } = await rolledBack(
        database,
        (transaction) =>
          loadProbe(transaction, { engine, objects: store, processId, schema, stage, signal }),
        signal,
      );
      const differences = probeDifferences(rows, records);
      if (differences.length > 0) throw different(differences);
    } catch (error) {
      throw databaseError(error, 'load the probe');
    } finally {
      await store.deleteObject(key, AbortSignal.timeout(CLEANUP_MS)).catch(() => undefined);
    }
    return `${PROBE_RECORDS.length} records of every difficult kind arrived as they were given`;
  },
};

/** Where a table that is no temporary one may be made; only engines that cannot load those need one. */
async function schemaFor({ findings, config }: Examination, database: Database): Promise<string> {
  const { profile } = known(findings, 'profile');
  const { schema } = config.postgresql;
  if (profile.temporaryExternalTable) return schema;
  const [row] = await database.query<{ allowed: boolean }>(mayCreateIn(schema));
  if (row?.allowed) return schema;
  throw new SkippedError(`needs the right to create a table in the schema ${schema}`);
}

interface ProbeUpload {
  readonly store: ObjectStore;
  readonly s3: S3Settings;
  readonly key: string;
  readonly signal: AbortSignal;
}

async function stageRows(
  { store, s3, key, signal }: ProbeUpload,
  rows: readonly EncodedRow[],
): Promise<StagedBytes> {
  const file = new StagedFile({
    key,
    store,
    pool: new PartPool({ bufferBytes: s3.partSizeBytes, capacity: 2 }),
    maxPartsInFlight: 1,
    gzip: false,
    signal,
    beforeUpload: async () => undefined,
    retry: { attempts: 2, baseMs: 500, maxMs: 500 },
  });
  try {
    for (const row of rows) file.append(row);
    return (await file.finish()).stored;
  } catch (error) {
    await file.abort().catch(() => undefined);
    throw error;
  }
}

function different(differences: readonly string[]): RelytError {
  return new RelytError(
    'COUNT_MISMATCH',
    `values changed on their way: ${differences.join('; ')}`,
    {
      hint: 'Look for triggers or conversions between loader and table, and report this with the versions of both.',
    },
  );
}
