import type { S3Settings } from '../core/s3-settings.ts';
import type { StagedBytes } from '../core/staged-bytes.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import type { Engine } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import type { EncodedRow } from '../records/record-encoder.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { PartPool } from '../staging/part-pool.ts';
import { StagedFile } from '../staging/staged-file.ts';
import { type Findings, known, SkippedError } from './findings.ts';
import { loadProbe, type ProbeLoad } from './probe-load.ts';
import { probeKey } from './probe-place.ts';
import { PROBE_RECORDS, probeDifferences } from './probe-records.ts';
import { mayCreateIn } from './required-rights.ts';
import { rolledBack } from './rolled-back.ts';
import type { Examination, Step } from './step.ts';

const CLEANUP_MS = 5_000;
const HELD_BYTES = 64 * 1024;

/** A small load by the code of every load, compared value by value, and taken back. */
export const PROBE: Step = {
  name: 'probe load',
  asks: 'database',
  seconds: 60,
  async run(examination, signal) {
    const { findings } = examination;
    const { database, profile } = known(findings, 'database', 'profile');
    if (!profile.inMemory) known(findings, 's3', 'store', 'bucket');
    const { engine } = known(findings, 'engine');
    const schema = await schemaFor(examination, database);
    const place = profile.inMemory
      ? inMemory(findings, signal)
      : inBucket(examination, engine, signal);
    const probe = { engine, ...place, processId: examination.processId, schema, signal };
    try {
      const { rows, records } = await rolledBack(
        database,
        (transaction) => loadProbe(transaction, probe),
        signal,
      );
      const differences = probeDifferences(rows, records);
      if (differences.length > 0) throw different(differences);
    } catch (error) {
      throw databaseError(error, 'load the probe');
    } finally {
      await place.remove();
    }
    return `${PROBE_RECORDS.length} records of every difficult kind arrived unchanged`;
  },
};

/** Where the rows of the probe wait for their import. */
interface ProbePlace extends Pick<ProbeLoad, 'objects' | 'stage'> {
  remove(): Promise<void>;
}

function inBucket(
  { findings, processId }: Examination,
  { profile }: Engine,
  signal: AbortSignal,
): ProbePlace {
  const { store, s3 } = known(findings, 's3', 'store', 'bucket');
  const key = probeKey(s3, processId, { fileId: 3, folders: profile.folderPerImport });
  return {
    objects: store,
    stage: async (rows) => ({ key, stored: await stageRows({ store, s3, key, signal }, rows) }),
    remove: () => store.deleteObject(key, AbortSignal.timeout(CLEANUP_MS)).catch(() => undefined),
  };
}

function inMemory(findings: Findings, signal: AbortSignal): ProbePlace {
  const { held } = known(findings, 'held');
  const key = 'the probe';
  const pool = new PartPool({ bufferBytes: HELD_BYTES, capacity: 2 });
  return {
    objects: held,
    stage: async (rows) => {
      const file = held.open(key, pool, signal);
      for (const row of rows) file.append(row);
      await file.finish();
      return { key };
    },
    remove: async () => held.release(key),
  };
}

/** Where a table that is not temporary may be created; only engines that cannot load those need one. */
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
    `Values changed on their way: ${differences.join('; ')}.`,
    {
      hint: 'Look for triggers or conversions between loader and table, and report this with the versions of both.',
    },
  );
}
