import { dirname } from 'node:path/posix';
import { describe, expect, test } from 'vitest';
import { CSV } from '../../../src/core/layout.ts';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import type { Statement } from '../../../src/database/statement.ts';
import { createEngine } from '../../../src/engines/create-engine.ts';
import type { StagedReader } from '../../../src/engines/engine.ts';
import { type EngineProfile, PROFILES } from '../../../src/engines/profiles.ts';
import { StatementRecorder } from '../../../src/explain/statement-recorder.ts';
import type { ImportFile } from '../../../src/importing/import-file.ts';
import { importTransaction } from '../../../src/importing/import-transaction.ts';
import { READING, targetColumn, targetTable } from '../records/target-fixture.ts';

const S3 = normalizeS3Settings(
  {
    endpoint: 'https://s3.eu-central-1.amazonaws.com',
    region: 'eu-central-1',
    bucket_name: 'staging',
    access_key: 'AKIAEXAMPLE',
    secret_key: 'secret/example',
  },
  'the test',
);
const COLUMNS = [targetColumn('id', 'int8'), targetColumn('v', 'text')];
const BEGIN = [{ name: 'begin', text: 'begin' }];

interface Way {
  readonly isolate: boolean;
  /** Rows that are read of the 10 records that were staged. */
  readonly came?: number;
}

/** Runs one import against a recorder, and tells in which order things happened. */
async function importBy(profile: EngineProfile, { isolate, came = 10 }: Way) {
  const folder = profile.folderPerImport ? { folder: 'f' } : {};
  const stored = { size: 10, etag: '"a"', crc32: 1 };
  const files: ImportFile[] = [1, 2].map((fileId) => ({
    ...{ fileId, lane: 0, epoch: 1, layout: CSV, records: 5, stored, ...folder },
    key: `relyt/2026-11-23/p/f/${fileId}.csv`,
  }));
  const events: string[] = [];
  const recorder = new StatementRecorder({
    ...{ profile, files, refused: isolate ? 1 : 0, begin: BEGIN, mask: (text) => text },
    lookUp: async () => [...COLUMNS],
  });
  const objects: StagedReader = {
    ...recorder.objects(async (key) => `https://s3.example.com/${key}`),
    headObject: async () => {
      events.push('look');
      return stored;
    },
    list: async function* (prefix) {
      events.push('look');
      for (const { key } of files) if (`${dirname(key)}/` === prefix) yield { key, ...stored };
    },
  };
  const context = { objects, s3: S3, options: { greenplum: {}, awsS3: {} } };
  const engine = Object.assign(createEngine(profile, context), { profile });
  const transaction: StatementRecorder['transaction'] = async (work) => {
    events.push('begin');
    const result = await recorder.transaction((inner) => {
      const query = async <Row extends object>(statement: Statement) => {
        const rows = await inner.query<Row>(statement);
        return statement.name === 'sumOfRows'
          ? rows.map((row) => ({ ...row, records: came }))
          : rows;
      };
      return work({ ...inner, query });
    });
    events.push('commit');
    return result;
  };
  const writer = { processId: '0f0e0d0c-0b0a-4908-8706-050403020100', epoch: 1, owner: 'test' };
  const target = { writer, table: targetTable(COLUMNS, []), columns: COLUMNS };
  await importTransaction(
    { database: { transaction }, engine, objects },
    { ...target, mode: 'insert', reading: READING },
    {
      ...{
        importId: 1,
        files,
        number: 1,
        reduceKeys: false,
        upsertBy: 'merge',
        tries: () => undefined,
        straight: true,
        timeLimitMs: 60_000,
      },
      isolation: isolate ? { maxBad: 10, anyPassed: false, raisedAreOfRecords: false } : undefined,
      takeRejects: () => true,
      signal: new AbortController().signal,
    },
  );
  const order = events.filter((event, n) => event !== events[n - 1]);
  return { order, statements: recorder.statements.map(({ text }) => text) };
}

const ALL: readonly EngineProfile[] = Object.values(PROFILES);

describe('an import', () => {
  test.each(ALL.filter(({ readsUnseen }) => readsUnseen))(
    'looks at the objects before it locks anything, and before it commits: $name (G2)',
    async (profile) => {
      for (const isolate of [false, true]) {
        const { order } = await importBy(profile, { isolate });
        expect(order).toEqual(['look', 'begin', 'look', 'commit']);
      }
    },
  );

  test.each(ALL)('sums the rows of an isolation once: $name (G2)', async (profile) => {
    const { statements } = await importBy(profile, { isolate: true });
    const sums = statements.filter((text) => text.includes('pg_catalog.count(*) as records'));
    expect(sums).toHaveLength(1);
  });

  test.each([9, 11])(
    'that reads %i of 10 records is final where the profile says so',
    async (came) => {
      for (const miscountIsFinal of [true, false]) {
        for (const profile of ALL) {
          const isolation = importBy({ ...profile, miscountIsFinal }, { isolate: true, came });
          await expect(isolation).rejects.toMatchObject({
            code: miscountIsFinal ? 'COUNT_MISMATCH' : 'S3_DOWNLOAD_FAILED',
            message: expect.stringContaining(`10 records were staged, and ${came} were received`),
          });
        }
      }
    },
  );
});
