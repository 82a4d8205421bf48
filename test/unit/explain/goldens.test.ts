// Every statement of an import, engine by engine, as the import's own code makes them (G1, G2, G3), without a secret
// (G7). After a change that is meant: UPDATE_GOLDENS=1 npx vitest run --project unit test/unit/explain/goldens.test.ts,
// and read the difference.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ConflictMode } from '../../../src/core/import-counts.ts';
import type { Layout } from '../../../src/core/layout.ts';
import { normalizeS3Settings } from '../../../src/core/s3-settings.ts';
import type { TargetTable } from '../../../src/core/target-table.ts';
import { begin, COMMIT, RULED_SETTINGS } from '../../../src/database/session-rules.ts';
import { type EngineProfile, PROFILES } from '../../../src/engines/profiles.ts';
import { exampleFiles } from '../../../src/explain/example-files.ts';
import { type ImportScripts, importScripts } from '../../../src/explain/import-scripts.ts';
import { scriptText } from '../../../src/explain/script-text.ts';
import { firstLayout } from '../../../src/records/layout-choice.ts';
import { resolveMapping } from '../../../src/records/mapping.ts';
import { READING, targetColumn, targetTable, typeOf } from '../records/target-fixture.ts';

/** Of a server that knows every setting, to a role that may change it. */
const BEGIN = begin(RULED_SETTINGS);

const FOLDER = fileURLToPath(new URL('goldens', import.meta.url));
const UPDATE = process.env.UPDATE_GOLDENS === '1';

const SECRETS = ['AKIAGOLDENGOLDEN0001', 'golden+secret/of=the/loader', 'a1b2c3signature'];
const S3 = normalizeS3Settings(
  {
    endpoint: 'https://s3.example.com:9000',
    region: 'eu-west-1',
    bucket_name: 'staging',
    prefix: 'relyt',
    access_key: SECRETS[0],
    secret_key: SECRETS[1],
  },
  'the test',
);

/** Names and types that SQL has to quote or to spell with care. */
const TABLE: TargetTable = {
  ...targetTable(
    [
      targetColumn('Id', 'int8', { sqlType: 'bigint', notNull: true }),
      targetColumn('day', 'date', { notNull: true }),
      targetColumn('it\'s "here"', typeOf('varchar', { typmod: 9 }), {
        sqlType: 'character varying(5)',
      }),
      targetColumn('at', 'timestamptz', { sqlType: 'timestamp with time zone' }),
      targetColumn('embedding', typeOf('vector', { schema: 'public' }), {
        sqlType: 'public.vector(3)',
      }),
    ],
    ['day', 'Id'],
  ),
  schema: 'app',
  name: 'events',
};

const MODES: readonly ConflictMode[] = ['insert', 'update', 'nothing'];
const CASES = Object.values(PROFILES).flatMap((profile) =>
  MODES.map((mode) => ({ profile, mode })),
);

function fileName(profile: EngineProfile, mode: ConflictMode): string {
  return `${profile.name.replace(' ', '-')}-${mode}.sql`;
}

/** Each of the layouts that a profile reads. */
function layoutFor({ readsBinary, copiesStraight }: EngineProfile, mode: ConflictMode): Layout {
  const columns = TABLE.columns.map(({ name }) => name);
  const first = Object.fromEntries(columns.map((name) => [name, '']));
  const mapping = resolveMapping({ table: TABLE, columns, first });
  const wanted = mode === 'nothing' ? 'csv' : 'auto';
  const goesStraight = () => copiesStraight && mode === 'insert';
  return firstLayout({ mapping, repertoire: undefined }, { wanted, readsBinary, goesStraight });
}

function scriptsOf(profile: EngineProfile, mode: ConflictMode): Promise<ImportScripts> {
  const writer = {
    processId: '0f0e0d0c-0b0a-4908-8706-050403020100',
    epoch: 3,
    owner: 'host:1#0a1b2c3d',
  };
  const staging = {
    s3: profile.inMemory ? undefined : S3,
    gzip: mode === 'nothing',
    layout: layoutFor(profile, mode),
    folders: profile.folderPerImport,
  };
  return importScripts({
    profile,
    s3: profile.inMemory ? undefined : S3,
    timeLimitSeconds: S3.importTimeoutSeconds,
    engineOptions: { greenplum: { config: '/etc/gp/s3.conf', section: 'loads' }, awsS3: {} },
    begin: BEGIN,
    target: { writer, table: TABLE, columns: TABLE.columns, mode, reading: READING },
    files: exampleFiles(staging, { ...writer, count: profile.inMemory ? 1 : 2, day: '2026-11-23' }),
    maxBad: 10,
    presignGet: async (key) =>
      `https://s3.example.com:9000/staging/${key}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${SECRETS[0]}&X-Amz-Signature=${SECRETS[2]}`,
    lookUp: async ({ name }) => {
      if (name === 'copyFacts') return [{ takesCopy: true, checkedNulls: [], meetsByLocks: false }];
      if (name !== 'columnTypes') throw new Error(`nothing is there to answer ${name}`);
      return TABLE.columns.map((column) => ({ ...column, table: 16384, mayMerge: true }));
    },
  });
}

/** Files from memory are written as imported ones, before the row of their import. */
function lastWrite({ inMemory }: EngineProfile): RegExp {
  return inMemory
    ? /^insert into relyt_sys\.relyt_loader_import/
    : /^update relyt_sys\.relyt_loader_file/;
}

/** Begin and end of the transaction that every import is. */
const TRANSACTION = 'transaction.sql';

/** The statements in between: begin and end are those of the golden of their own. */
function inTransaction(statements: ImportScripts['fast']): ImportScripts['fast'] {
  const texts = statements.map(({ text }) => text);
  expect(texts.slice(0, BEGIN.length)).toEqual(BEGIN.map(({ text }) => text));
  expect(texts.slice(-COMMIT.length)).toEqual(COMMIT.map(({ text }) => text));
  return statements.slice(BEGIN.length, -COMMIT.length);
}

function goldenText({ fast, notStraight, notMerged, keysTwice, isolation }: ImportScripts): string {
  const section = (title: string, statements: ImportScripts['fast']) =>
    `-- ${title} ----------\n\n${scriptText(inTransaction(statements))}\n`;
  return [
    section('an import', fast),
    ...(notStraight === undefined ? [] : [section('COPY is refused', notStraight)]),
    ...(notMerged === undefined ? [] : [section('most rows are there already', notMerged)]),
    ...(keysTwice === undefined ? [] : [section('a key stands twice', keysTwice)]),
    section('a record is refused', isolation),
  ].join('\n\n');
}

function expectGolden(name: string, text: string): void {
  const file = path.join(FOLDER, name);
  if (UPDATE) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file), `${file} is missing: run with UPDATE_GOLDENS=1`).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

describe('the statements of an import', () => {
  it.each(CASES)('of $profile.name, mode $mode, are the golden ones', async ({ profile, mode }) => {
    expectGolden(fileName(profile, mode), goldenText(await scriptsOf(profile, mode)));
  });

  it('stand between a begin and an end that are golden, too', () => {
    expectGolden(TRANSACTION, scriptText([...BEGIN, ...COMMIT]));
  });

  it('has no golden file that no engine has', () => {
    const wanted = CASES.map(({ profile, mode }) => fileName(profile, mode));
    expect(readdirSync(FOLDER).sort()).toEqual([...wanted, TRANSACTION].sort());
  });

  it.each(CASES)('of $profile.name, mode $mode, show no secret (G7)', async ({ profile, mode }) => {
    const shown = JSON.stringify(await scriptsOf(profile, mode));
    for (const secret of SECRETS) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(encodeURIComponent(secret));
    }
  });

  it.each(CASES)(
    'of $profile.name, mode $mode, are one transaction (G1)',
    async ({ profile, mode }) => {
      const { fast, isolation } = await scriptsOf(profile, mode);
      for (const statements of [fast, isolation]) {
        const texts = statements.map(({ text }) => text);
        const commit = COMMIT.map(({ text }) => text);
        expect([texts[0], ...texts.slice(-commit.length)]).toEqual([BEGIN[0]?.text, ...commit]);
        expect(
          texts.filter((text) => /^(begin|rollback)\b|^commit$/m.test(text) && !/^do /.test(text)),
        ).toHaveLength(2);
        expect(texts.at(-1 - COMMIT.length)).toMatch(lastWrite(profile));
      }
    },
  );
});
