// A character that the encoding of the database cannot store rejects its record, and nothing else (G4, G8).

import { describe, expect, test } from 'vitest';
import { rejectedRecords, showTask } from '../../../src/administration.ts';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { Database } from '../../../src/database/database.ts';
import { readRepertoire } from '../../../src/database/repertoire.ts';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase } from '../../support/database.ts';
import { TestTarget } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile } from '../cli/relyt.ts';
import { accessTo, relytOn, said } from '../cli/relyt-on.ts';

async function targetIn(encoding: string): Promise<TestTarget & AsyncDisposable> {
  const database = await createTestDatabase(defaultServer(), { encoding });
  await database.query('create table t (id int primary key, name text, doc jsonb, tags text[])');
  const prefix = uniquePrefix();
  return Object.assign(new TestTarget(database, { schema: 'public', table: 't', prefix }), {
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await deleteKeys(prefix);
    },
  });
}

const BAD = [
  { id: 2, name: 'an 🐘', doc: null, tags: null },
  { id: 3, name: 'Grüße', doc: { 'naïve "x,"': '🐘' }, tags: null },
  { id: 4, name: null, doc: null, tags: ['a,b', 'Ω🐘'] },
  { id: '漢字🐘', name: null, doc: null, tags: null },
];

async function repertoireOf(url: string) {
  const own = new Database(
    { connectionString: url },
    { connections: 1, applicationName: 'repertoire' },
  );
  try {
    return await readRepertoire(own, own);
  } finally {
    await own.close();
  }
}

interface Kept {
  readonly record_ordinal: string;
  readonly column_name: string;
  readonly reason: string;
}

describe.each(['LATIN1', 'LATIN9', 'WIN1252', 'EUC_JP'])('in %s', (encoding) => {
  test.each(['postgres', 'copy'] as const)('engine %s: rejected by name', async (engine) => {
    await using target = await targetIn(encoding);
    const good = { id: 1, name: 'plain', doc: null, tags: null };
    const last = { id: 9, name: 'last', doc: { a: 1 }, tags: ['x'] };
    const records = [good, ...(encoding === 'EUC_JP' ? BAD.toSpliced(1, 1) : BAD), last];
    const processId = await target.load(records, { engine, maxErrorRecords: 9 });
    expect(await target.rows()).toEqual([good, last]);
    const kept = await target.database.query<Kept>(
      'select record_ordinal, column_name, reason from relyt_sys.relyt_loader_reject order by record_ordinal',
    );
    expect(kept.map(({ column_name }) => column_name)).toEqual(
      encoding === 'EUC_JP' ? ['name', 'tags', 'id'] : ['name', 'doc', 'tags', 'id'],
    );
    expect(kept[0]?.reason).toBe(
      `Record 2, column "name" (text): the value holds the character U+1F418, which a database in ${encoding} cannot store.`,
    );
    const exported = await relytOn(target, 'errors', processId, '--format', 'ndjson');
    const back = exported.stdout.trim().split('\n');
    expect(back.map((line) => JSON.parse(line))).toEqual(records.slice(1, -1));
  });
});

test('without a tolerance the error names record and column, and is kept', async () => {
  await using target = await targetIn('LATIN1');
  const file = inputFile('in.csv', 'id,name\n1,ok\n2,an 🐘\n');
  const failed = await relytOn(target, 'load', file, '--table', 't', '--json');
  expect(said(failed)).toMatchObject({
    code: 'RECORD_INVALID',
    details: { column: 'name', line: 3 },
  });
  const unknown = inputFile('in.ndjson', '{"id": 1, "漢字": 2}\n');
  const refused = await relytOn(target, 'load', unknown, '--table', 't', '--json');
  expect(said(refused)).toMatchObject({ code: 'COLUMN_UNKNOWN' });
  const dry = await relytOn(target, 'load', file, '--table', 't', '--dry-run');
  expect(dry.stdout).toContain('1 would be rejected');
});

describe.each([
  ['EUC_JIS_2004', '\u{2000B}'],
  ['EUC_TW', '\u4E00'],
])('in %s, which has characters past U+FFFF', (encoding, stored) => {
  test.each(['postgres', 'copy', 'direct'] as const)(
    'engine %s: each is judged',
    async (engine) => {
      await using target = await targetIn(encoding);
      const good = { id: 1, name: stored, doc: null, tags: null };
      const missing = ['\u{2FFFF}', '🐘', '\u{10FFFF}', '\u{2000C}'];
      const bad = missing.map((name, n) => ({ id: 2 + n, name, doc: null, tags: null }));
      await target.load([good, ...bad], { engine, maxErrorRecords: 9 });
      expect(await target.rows()).toEqual([good]);
      expect(
        await target.database.query('select column_name from relyt_sys.relyt_loader_reject'),
      ).toEqual(bad.map(() => ({ column_name: 'name' })));
    },
  );
});

describe.each(['UTF8', 'LATIN1', 'WIN1252', 'SQL_ASCII'])(
  'what a task keeps, in %s',
  (encoding) => {
    const position = { 'naïve 漢': ['🐘', 'half \ud83d', 'nul \0', '\\u00e9'], n: 1 };

    test('G1: a position comes back as it was given', async () => {
      await using target = await targetIn(encoding);
      const options = { maxErrorRecords: 1 };
      const first = await target.open(options);
      await first.insert([{ id: 1 }, { id: 'none' }], { position });
      await first.suspend('enough');
      await using second = await BulkProcessor.resume(first.processId, target.config(options));
      expect(second.position).toEqual(position);
      await second.insert([{ id: 2 }]);
      await second.shutdown();
      expect(await target.count()).toBe(2);
      for await (const rejected of rejectedRecords(accessTo(target), first.processId))
        expect(rejected.position).toEqual(position);
      expect((await showTask(accessTo(target), first.processId)).task?.position).toEqual(position);
    });

    test('G1: the same command goes on with a file of any name', async () => {
      await using target = await targetIn(encoding);
      const file = inputFile('データ 🐘 é.csv', 'id,name\n1,a\n2,b\n3,c\n');
      await target.database.query('alter table t add constraint no check (id < 3)');
      const load = ['load', file, '--table', 't', '--batch-size', '2', '--json'];
      const failed = await relytOn(target, ...load);
      expect(said(failed)).toMatchObject({ ok: false, code: 'IMPORT_REFUSED' });
      await target.database.query('alter table t drop constraint no');
      const { processId } = said(failed).details as { processId: string };
      expect(said(await relytOn(target, ...load))).toMatchObject({ ok: true, processId });
      expect(await target.count()).toBe(3);
    });
  },
);

test('a key that cannot be stored is refused before anything is staged', async () => {
  await using target = await targetIn('LATIN1');
  const file = inputFile('in.csv', 'id,name\n1,ok\n');
  expect(await relytOn(target, 'load', file, '--table', 't', '--key', 'é')).toMatchObject({
    code: 0,
  });
  const refused = await relytOn(target, 'load', file, '--table', 't', '--key', '漢', '--json');
  expect(said(refused)).toMatchObject({ code: 'CONFIG_INVALID' });
});

test('relyt doctor passes in such a database', async () => {
  await using target = await targetIn('LATIN1');
  expect(await relytOn(target, 'init')).toMatchObject({ code: 0 });
  const { code, stdout } = await relytOn(target, 'doctor', '--table', 't');
  expect(stdout).toContain('✓ probe load');
  expect(code).toBe(0);
});

test.each(['LATIN1', 'WIN1252', 'EUC_JP'])('the server itself agrees: %s', async (encoding) => {
  await using database = await createTestDatabase(defaultServer(), { encoding });
  const repertoire = await repertoireOf(database.url);
  for (const text of ['ÿ', 'Œ', '€', '漢', 'か', 'Ω', '～', '∥', '\u0080', '\uffff']) {
    const stored = await database.query('select $1::text', [text]).then(
      () => true,
      () => false,
    );
    expect(repertoire?.firstMissing(text) === -1, text).toBe(stored);
  }
});
