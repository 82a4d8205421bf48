import { describe, expect, it } from 'vitest';
import { Committed } from '../../../src/core/committed.ts';
import { CSV } from '../../../src/core/layout.ts';
import { RejectBudget } from '../../../src/core/reject-budget.ts';
import { UnknownOutcomeError } from '../../../src/database/client-transaction.ts';
import type { Database } from '../../../src/database/database.ts';
import type { Transaction } from '../../../src/database/session.ts';
import type { Statement } from '../../../src/database/statement.ts';
import type { ImportPorts } from '../../../src/importing/import-attempt.ts';
import { ImportRunner } from '../../../src/importing/import-runner.ts';
import { COUNTS, ENGINE, found, HELD, ISOLATED, objects, target } from './runner-fixture.ts';

/**
 * A database whose first import meets a bad record, whose second loses the answer to its COMMIT, and which is
 * away when that is to be read back for the first time.
 */
class LostCommit {
  #imports = 0;
  #committed = false;
  #away = 0;

  readonly database = {
    execute: async () => {
      if (this.#committed && this.#away++ === 0) {
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      }
      return this.#committed ? 0 : 1;
    },
    query: async ({ name }: Statement) => (name === 'readImport' ? [COUNTS] : [{ file_id: 1 }]),
    transaction: async (work: (transaction: Transaction) => Promise<unknown>) => {
      await work(this.#transaction);
      this.#committed = true;
      throw new UnknownOutcomeError(new Error('Connection terminated unexpectedly'));
    },
  } as unknown as Database;

  readonly #transaction = {
    execute: async ({ name }: Statement) => {
      if (name !== 'applyRows') return 1;
      this.#imports++;
      throw Object.assign(new Error('bad value'), { code: '22P02' });
    },
    query: async ({ name }: Statement) => {
      // The target is as it was when the records were staged.
      if (name === 'columnTypes') return found;
      if (name === 'holdImport') return [HELD];
      if (name === 'sumOfRows') return [{ records: 3, ordinals: '6' }];
      return name === 'readCounts' ? [{ counts: ISOLATED }] : [];
    },
    copyIn: async () => undefined,
  } as unknown as Transaction;

  get imports(): number {
    return this.#imports;
  }
}

describe('rejected records of an import whose COMMIT was never answered (G2)', () => {
  it('stay counted while the outcome is not known, and when it was a success', async () => {
    const lost = new LostCommit();
    const rejects = new RejectBudget(5);
    const ports: ImportPorts = { database: lost.database, engine: ENGINE, objects };
    const runner = new ImportRunner(ports, target, {
      importTimeoutSeconds: 60,
      importErrorSleepSeconds: 0,
      rejects,
      committed: new Committed(),
      signal: new AbortController().signal,
    });
    const { counts } = await runner.run(1, [
      { fileId: 1, lane: 0, epoch: 1, layout: CSV, key: 'k', records: 3 },
    ]);
    expect(lost.imports).toBe(1);
    expect(counts).toEqual(COUNTS);
    expect(rejects.used).toBe(2);
  });
});
