// Every program of samples/ runs as a user would run it: against a database that `relyt init` prepared,
// importing the built package by its name. The programs assert by themselves what they show.

import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deleteKeys, listKeys, listUploads, uniquePrefix } from '../../support/bucket.ts';
import { ensureBuilt } from '../../support/build.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import type { TestServer } from '../../support/stack.ts';
import { OtlpReceiver } from './otlp-receiver.ts';
import { prepareAsInit } from './prepared-database.ts';
import { runSample, SAMPLES } from './run-sample.ts';

/** It needs an extension that no server of a test run has. */
const OF_PGVECTOR = 'embeddings-pgvector.ts';
const OF_ANY_SERVER = readdirSync(SAMPLES).filter(
  (name) => name.endsWith('.ts') && name !== OF_PGVECTOR,
);

beforeAll(ensureBuilt);

describe('samples', () => {
  it.each(OF_ANY_SERVER)('%s holds what it asserts and leaves nothing in S3', async (name) => {
    const prefix = uniquePrefix();
    const database = await createTestDatabase();
    onTestFinished(async () => {
      await database.drop();
      await deleteKeys(prefix);
    });
    await prepareAsInit(database, { prefix, roles: [] });

    await using collector = new OtlpReceiver();
    const { status, output } = await runSample(name, {
      DATABASE_URL: database.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(),
    });

    expect(status, output).toBe(0);
    HOLDS[name]?.(collector);
    expect(await unfinishedTasks(database)).toEqual([]);
    expect(await listKeys(prefix)).toEqual([]);
    expect(await listUploads(prefix)).toEqual([]);
  });
});

const PGVECTOR = process.env.RELYT_TEST_PGVECTOR_URL ?? '';
const WHY_NOT = PGVECTOR === '' ? ' (not set: RELYT_TEST_PGVECTOR_URL)' : '';

describe(`samples with pgvector${WHY_NOT}`, () => {
  it.runIf(PGVECTOR)(`${OF_PGVECTOR} holds what it asserts`, async () => {
    const database = await createTestDatabase({ name: 'pgvector', url: PGVECTOR });
    onTestFinished(() => database.drop());

    const { status, output } = await runSample(OF_PGVECTOR, { DATABASE_URL: database.url });

    expect(status, output).toBe(0);
    expect(await unfinishedTasks(database)).toEqual([]);
  });
});

/** What a program cannot assert by itself. */
const HOLDS: Readonly<Record<string, (collector: OtlpReceiver) => void>> = {
  'open-telemetry-collector.ts': ({ spans, metrics, resources }) => {
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [job] = named('load of sales');
    expect(named('import public.sale')[0]).toMatchObject({
      traceId: job?.traceId,
      parentSpanId: job?.spanId,
    });
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'relyt.import.records' }));
    for (const { resource } of resources)
      expect(resource.attributes).toContainEqual({
        key: 'service.name',
        value: { stringValue: 'nightly-load' },
      });
  },
};

/** Tasks a program left in another state than it should have. */
function unfinishedTasks(database: TestDatabase<TestServer>): Promise<object[]> {
  return database.query(
    `select process_id, status, error_message from relyt_sys.relyt_loader_checkpoint where status = 'RUNNING'`,
  );
}
