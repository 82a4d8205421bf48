// The dry run knows every statement of an import by its name, and refuses one it does not know: nothing is run or
// answered by chance.

import { describe, expect, test } from 'vitest';
import type { ConflictMode } from '../../../src/core/import-counts.ts';
import { CSV } from '../../../src/core/layout.ts';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import type { TargetTable } from '../../../src/core/target-table.ts';
import type { Transaction } from '../../../src/database/session.ts';
import { begin, COMMIT, RULED_SETTINGS } from '../../../src/database/session-rules.ts';
import type { Statement } from '../../../src/database/statement.ts';
import { type EngineProfile, PROFILES } from '../../../src/engines/profiles.ts';
import { exampleFiles } from '../../../src/explain/example-files.ts';
import { type ImportScripts, importScripts } from '../../../src/explain/import-scripts.ts';
import { StatementRecorder } from '../../../src/explain/statement-recorder.ts';
import { RoutedTarget } from '../../../src/target/routed-target.ts';
import { READING, targetColumn, targetTable } from '../records/target-fixture.ts';

const S3 = normalizeS3Settings(
  {
    endpoint: 'https://s3.example.com:9000',
    region: 'eu-west-1',
    bucket_name: 'staging',
    access_key: 'AKIARECORDER00000001',
    secret_key: 'recorder/secret',
  },
  'the test',
);

const TABLE: TargetTable = {
  ...targetTable(
    [
      targetColumn('id', 'int4', { sqlType: 'integer', notNull: true }),
      targetColumn('group_id', 'int4', { sqlType: 'integer' }),
      targetColumn('v', 'text', { sqlType: 'text' }),
    ],
    ['id'],
  ),
  schema: 'app',
  name: 'events',
};

const TYPES = [
  { oid: 23, name: 'int4', sqlType: 'integer' },
  { oid: 25, name: 'text', sqlType: 'text' },
];

function columnRow(name: string, sqlType: string) {
  const type_oid = TYPES.find((type) => type.sqlType === sqlType)?.oid;
  const plain = { typmod: -1, has_default: false, identity: '', generated: '' };
  const more = { deterministic: true, collation: null };
  return { name, sql_type: sqlType, type_oid, not_null: name === 'id', ...plain, ...more };
}

/** A database in which the table is routed, and one of its groups is just being copied. */
const CATALOGUE: Readonly<Record<string, (values: readonly unknown[]) => object[]>> = {
  relationExists: () => [{ found: true }],
  tablesNamed: () => [
    { schema: 'app', name: 'events' },
    { schema: 'app', name: 'events_relyt_massive_group' },
    { schema: 'relyt_sys', name: 'events_relyt_routing' },
    { schema: 'relyt_sys', name: 'relyt_loader_routing' },
  ],
  catalogueTable: () => [
    { relkind: 'r', is_external: false, key_deferrable: false, primary_key: TABLE.primaryKey },
  ],
  catalogueColumns: ([schema]) =>
    schema === 'relyt_sys'
      ? [columnRow('routing_id', 'text'), columnRow('store_table_name', 'text')]
      : TABLE.columns.map(({ name, sqlType }) => columnRow(name, sqlType)),
  catalogueTypes: () =>
    TYPES.map(({ oid, name }) => ({
      ...{ oid, name, schema: 'pg_catalog', kind: 'b', base: 0, base_typmod: -1 },
      ...{ not_null: false, element: 0, delimiter: ',', labels: null },
    })),
  storedGroupColumn: () => [{ main: 'group_id', auxiliary: 'group_id' }],
  storeNames: () => [{ known: null, other: null }],
  anyRouted: () => [{ found: true }],
  movesUnderWay: () => [{ group: '7', copying: true }],
  columnTypes: () => TABLE.columns.map(({ name, sqlType }) => ({ name, sqlType })),
  allColumnTypes: () => TABLE.columns.map(({ name, sqlType }) => ({ name, sqlType })),
};

async function lookUp({ name, values = [] }: Statement): Promise<object[]> {
  const rows = CATALOGUE[name];
  if (rows === undefined) throw new Error(`${name} is asked of the database`);
  return rows(values);
}

function scriptsOf(profile: EngineProfile, mode: ConflictMode): Promise<ImportScripts> {
  const writer = {
    processId: '0f0e0d0c-0b0a-4908-8706-050403020100',
    epoch: 1,
    owner: 'host:1#0a1b2c3d',
  };
  const s3 = profile.inMemory ? undefined : S3;
  const staging = { s3, gzip: false, layout: CSV, folders: profile.folderPerImport };
  const { dialect } = profile;
  const given = { groupColumn: undefined, updateColumns: undefined };
  const routed = new RoutedTarget({ table: TABLE, ...given, dialect });
  return importScripts({
    profile,
    s3,
    timeLimitSeconds: S3.importTimeoutSeconds,
    engineOptions: { greenplum: {}, awsS3: {} },
    begin: begin(RULED_SETTINGS),
    target: { writer, table: TABLE, columns: TABLE.columns, mode, routed, reading: READING },
    files: exampleFiles(staging, { ...writer, count: profile.inMemory ? 1 : 2, day: '2026-11-23' }),
    maxBad: 10,
    presignGet: async (key) => `https://s3.example.com:9000/staging/${key}`,
    lookUp,
  });
}

const MODES: readonly ConflictMode[] = ['insert', 'update', 'nothing'];
const CASES = Object.values(PROFILES).flatMap((profile) =>
  MODES.map((mode) => ({ profile, mode })),
);

describe('a dry run', () => {
  test.each(CASES)(
    'knows every statement of a routed import: $profile.name, mode $mode',
    async ({ profile, mode }) => {
      const { fast, isolation } = await scriptsOf(profile, mode);
      for (const statements of [fast, isolation]) {
        expect(statements.at(-1)?.text).toBe(COMMIT.at(-1)?.text);
        // Each asks the routing before it touches the table, and applies rows to both tables.
        expect(statements.some(({ text }) => text.includes('lock table "relyt_sys"'))).toBe(true);
        expect(statements.some(({ text }) => text.includes('events_relyt_massive_group'))).toBe(
          true,
        );
      }
    },
  );

  const unknown: Statement = { name: 'unheardOf', text: 'select 1' };
  const query: Statement = { name: 'readCounts', text: 'select 1' };
  test.each([
    ['a query', (transaction) => transaction.query(unknown)],
    ['a statement', (transaction) => transaction.execute(unknown)],
    ['COPY', (transaction) => transaction.copyIn(unknown, 'x\n')],
    ['a query run as a statement', (transaction) => transaction.execute(query)],
  ] satisfies [string, (transaction: Transaction) => Promise<unknown>][])(
    'refuses %s that it has no answer to, and asks nobody',
    async (_, run) => {
      const asked: Statement[] = [];
      const recorder = new StatementRecorder({
        ...{ profile: PROFILES.copy, files: [], refused: 0, mask: (text) => text },
        begin: begin(RULED_SETTINGS),
        lookUp: async (statement) => {
          asked.push(statement);
          return [];
        },
      });
      const ran = recorder.transaction<unknown>(run);
      await expect(ran).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(asked).toEqual([]);
    },
  );
});
