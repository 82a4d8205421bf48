import { describe, expect, it } from 'vitest';
import { Committed } from '../../../src/core/committed.ts';
import { CSV, type Layout } from '../../../src/core/layout.ts';
import { RejectBudget } from '../../../src/core/reject-budget.ts';
import { SQLSTATE } from '../../../src/core/sqlstate.ts';
import type { Database } from '../../../src/database/database.ts';
import type { Transaction } from '../../../src/database/session.ts';
import type { Statement } from '../../../src/database/statement.ts';
import type { RelytError } from '../../../src/errors.ts';
import { ImportRunner } from '../../../src/importing/import-runner.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { ENGINE, found, HELD, ISOLATED, limits, objects, target } from './runner-fixture.ts';

/** A database in which statements fail as it is said, one attempt after the other. */
class FailingAttempts {
  readonly ran: string[] = [];
  readonly #failures: Record<string, string>[];
  readonly #layout: Layout;

  /** @param failures of each attempt: the SQLSTATE by the name of the statement */
  constructor(failures: Record<string, string>[], layout: Layout = CSV) {
    this.#failures = failures;
    this.#layout = layout;
  }

  readonly database = {
    execute: async () => 1,
    query: async () => [],
    transaction: async (work: (transaction: Transaction) => Promise<unknown>) => {
      const failures = this.#failures.shift() ?? {};
      return work({
        execute: async ({ name }: Statement) => {
          const code = failures[name];
          if (/^(copyStraight|applyRows|stageText|isolateRows)$/.test(name)) this.ran.push(name);
          if (name === 'copyStraight' && code === undefined) return 3;
          if (code === 'swallow') return 2;
          if (code !== undefined) throw Object.assign(new Error(`failed: ${name}`), { code });
          return 1;
        },
        query: async ({ name }: Statement) => {
          if (name === 'columnTypes') return found;
          if (name === 'holdImport') return [HELD];
          if (name === 'copyFacts')
            return [{ takesCopy: true, checkedNulls: [], meetsByLocks: false }];
          if (name === 'sumOfRows') return [{ records: 3, ordinals: null }];
          return name === 'readCounts' ? [{ counts: ISOLATED }] : [];
        },
        copyIn: async () => undefined,
      } as unknown as Transaction);
    },
  } as unknown as Database;

  run(): Promise<unknown> {
    const engine = { ...ENGINE, copyStraight };
    const runner = new ImportRunner(
      { database: this.database, engine, objects: new MemoryObjectStore() },
      target,
      {
        importTimeoutSeconds: 60,
        importErrorSleepSeconds: 0,
        rejects: new RejectBudget(5),
        committed: new Committed(),
        signal: new AbortController().signal,
      },
    );
    const file = { fileId: 1, lane: 0, epoch: 1, layout: this.#layout, key: 'k', records: 3 };
    return runner.run(1, [file]);
  }
}

/** Says how many rows it made. */
function copyStraight(transaction: Transaction): Promise<number> {
  return transaction.execute({ name: 'copyStraight', text: '' });
}

describe('rows that go straight into the target (G2)', () => {
  const TUPLES: Layout = { format: 'tuples', forms: ['native'] };
  const after = async (...failures: Record<string, string>[]) => {
    const attempts = new FailingAttempts(failures, TUPLES);
    await attempts.run();
    return attempts.ran;
  };

  it('go no other way when all goes well', async () => {
    expect(await after()).toEqual(['copyStraight']);
  });

  it('are tried again when a failure may pass', async () => {
    expect(await after({ copyStraight: '40P01' })).toEqual(['copyStraight', 'copyStraight']);
  });

  it.each(['22P03', '42501', '0A000', '25006'])(
    'go through a relation when COPY is refused (%s), and records are searched when that is',
    async (code) => {
      const isolated = ['copyStraight', 'applyRows', 'stageText', 'isolateRows'];
      expect(await after({ copyStraight: code }, { applyRows: '22P02' })).toEqual(isolated);
    },
  );

  it.each(['23505', '23514'])(
    'are searched at once for what a constraint refuses (%s)',
    async (code) => {
      expect(await after({ copyStraight: code })).toEqual([
        'copyStraight',
        'stageText',
        'isolateRows',
      ]);
    },
  );

  it('go through a relation when COPY makes another number of rows', async () => {
    expect(await after({ copyStraight: 'swallow' }, { applyRows: '22P02' })).toEqual([
      'copyStraight',
      'applyRows',
      'stageText',
      'isolateRows',
    ]);
  });
});

describe('a program that fails (38000): the download, or a trigger (G2)', () => {
  it('is tried again; the second time all files are read before a row is written', async () => {
    const attempts = new FailingAttempts([{ applyRows: '38000' }, { applyRows: '38000' }]);
    await attempts.run();
    expect(attempts.ran).toEqual(['applyRows', 'applyRows', 'stageText', 'isolateRows']);
  });

  it('once is not what a later failure of another kind is reported as (G8)', async () => {
    const attempts = new FailingAttempts([{ applyRows: '38000' }, { applyRows: '28000' }]);
    await expect(attempts.run()).rejects.toMatchObject({
      cause: { code: '28000' },
    });
  });

  it('that reads the files is no record, and the fast way comes again', async () => {
    const fails = { applyRows: '38000', stageText: '38000' };
    const attempts = new FailingAttempts([fails, fails, fails, {}]);
    await attempts.run();
    expect(attempts.ran).toEqual(['applyRows', 'applyRows', 'stageText', 'applyRows']);
  });
});

describe('a failure for which bad records are isolated (G8)', () => {
  it('is what the task fails with, when the isolation itself cannot be carried out', async () => {
    const attempts = new FailingAttempts([{ applyRows: '42601' }, { stageText: '54000' }]);
    await expect(attempts.run()).rejects.toMatchObject({
      message: expect.stringContaining('failed: applyRows'),
    });
  });

  it('is never one of damaged storage', async () => {
    const attempts = new FailingAttempts([{ applyRows: 'XX001' }]);
    await expect(attempts.run()).rejects.toMatchObject({ details: { processId: 'p' } });
    expect(attempts.ran).toEqual(['applyRows']);
  });
});

/** An import that fails by a bad value, and whose object was replaced; `held` rows say that the task is still ours. */
async function importReplaced(held: 0 | 1) {
  const statements: string[] = [];
  const transaction = {
    execute: async ({ name }: Statement) => {
      statements.push(name);
      if (name !== 'applyRows') return 1;
      throw Object.assign(new Error('bad value'), { code: '22P02' });
    },
    query: async ({ name }: Statement) => (name === 'columnTypes' ? found : []),
  } as unknown as Transaction;
  const database = {
    execute: async ({ name }: Statement) => (name === 'holdEpoch' ? held : 1),
    query: async ({ name }: Statement) =>
      name === 'readHolder' ? [{ epoch: 1 + (1 - held), owner: 'o' }] : [],
    transaction: (work: (transaction: Transaction) => Promise<unknown>) => work(transaction),
  } as unknown as Database;
  const changing = new MemoryObjectStore();
  const etag = await changing.putObject({ key: 'k', chunks: [Buffer.from('1,a\n')] });
  await changing.putObject({ key: 'k', chunks: [Buffer.from('1,b\n')] });
  const runner = new ImportRunner(
    { database, engine: ENGINE, objects: changing },
    target,
    limits(),
  );
  const stored = { size: 4, etag, crc32: undefined };
  const run = runner.run(1, [
    { fileId: 1, lane: 0, epoch: 1, layout: CSV, key: 'k', records: 1, stored },
  ]);
  return { run, statements };
}

describe('a record that is refused (G2)', () => {
  it('is not searched for when the object is another one by now', async () => {
    const { run, statements } = await importReplaced(1);
    await expect(run).rejects.toMatchObject({ code: 'STAGED_FILE_CHANGED' });
    expect(statements).toContain('applyRows');
    expect(statements).not.toContain('stageText');
  });

  it('and an object that is another one are no news of a task that another process has (G6)', async () => {
    const { run } = await importReplaced(0);
    await expect(run).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });
});

/** An import whose isolation fails with this SQLSTATE and names record 7. */
function importNaming(sqlstate: string, linesOfFiles: () => object[]) {
  const detail = JSON.stringify({ record: 7, code: '22P02', column: 'v', reason: 'bad' });
  const transaction = {
    execute: async ({ name }: Statement) => {
      if (name === 'applyRows')
        throw Object.assign(new Error('record 7 of the list is odd'), { code: '22P02' });
      if (name === 'isolateRows') throw Object.assign(new Error(''), { code: sqlstate, detail });
      return 1;
    },
    query: async ({ name }: Statement) => {
      if (name === 'sumOfRows') return [{ records: 10, ordinals: null }];
      return name === 'columnTypes' ? found : [];
    },
  } as unknown as Transaction;
  const database = {
    execute: async () => 1,
    query: async ({ name }: Statement) => (name === 'linesOfFiles' ? linesOfFiles() : []),
    transaction: (work: (transaction: Transaction) => Promise<unknown>) => work(transaction),
  } as unknown as Database;
  const runner = new ImportRunner({ database, engine: ENGINE, objects }, target, limits());
  return runner.run(1, [{ fileId: 1, lane: 0, epoch: 1, layout: CSV, key: 'k', records: 10 }]);
}

describe('the line of the record that ends an import (G8)', () => {
  const known = () => [{ first: 1, last: 10, runs: [[1, 7]] }];
  const away = () => {
    throw new Error('connect ECONNREFUSED');
  };
  const CASES = [
    [SQLSTATE.tooManyBadRecords, /refused record 7 \(line 14\), column "v"/],
    [
      SQLSTATE.noRecordPasses,
      /record 7 of the list is odd.* No record passes; the first one is record 7 \(line 14\), column "v"/,
    ],
  ] as const;

  it.each(CASES)('stands behind its number: %s', async (sqlstate, message) => {
    await expect(importNaming(sqlstate, known)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      details: { record: 7, line: 14 },
    });
  });

  it.each(CASES)('hides nothing where it cannot be read: %s', async (sqlstate) => {
    const error = await importNaming(sqlstate, away).catch((failure: RelytError) => failure);
    expect(error).toMatchObject({
      message: expect.stringContaining('record 7, column "v"'),
      details: { record: 7, sqlstate: '22P02' },
    });
    expect(error).not.toHaveProperty('details.line');
  });
});
