/** The database as it was a while ago, for one load: a failover to a standby that lagged behind. */

import { vi } from 'vitest';
import type { TestTarget } from '../support/loading.ts';

const BOOKS = ['checkpoint', 'task', 'key', 'file', 'import', 'reject'];

/** Of its copies, in the schema of the target. */
export const PAST_TABLES: readonly string[] = ['rows', ...BOOKS].map((name) => `past_${name}`);

interface KeptTable {
  readonly of: string;
  readonly copy: string;
  /** Which of its rows belong to the load. */
  readonly rows: string;
}

export class PastState {
  readonly #target: TestTarget;
  readonly #tables: readonly KeptTable[];

  private constructor(target: TestTarget, tables: readonly KeptTable[]) {
    this.#target = target;
    this.#tables = tables;
  }

  /** Keeps what is committed now. */
  static async keep(target: TestTarget, processId: string): Promise<PastState> {
    const tables = [
      { of: target.sql, copy: `${target.schema}.past_rows`, rows: 'true' },
      ...BOOKS.map((name) => ({
        of: `relyt_sys.relyt_loader_${name}`,
        copy: `${target.schema}.past_${name}`,
        rows: `process_id = '${processId}'`,
      })),
    ];
    const copies = tables.flatMap(({ of, copy, rows }) => [
      `drop table if exists ${copy}`,
      `create table ${copy} as select * from ${of} where ${rows}`,
    ]);
    await target.database.query(
      ['begin isolation level repeatable read', ...copies, 'commit'].join(';\n'),
    );
    return new PastState(target, tables);
  }

  /** What was committed since has never been. Its loader has lost its connections. */
  async comeBack(processId: string): Promise<void> {
    const { database } = this.#target;
    const connections = `from pg_stat_activity where application_name like 'relyt-sdk ${processId}%'`;
    await vi.waitFor(
      async () => {
        const left = await database.query(`select pg_terminate_backend(pid) ${connections}`);
        if (left.length > 0) throw new Error('the loader is still connected');
      },
      { timeout: 10_000, interval: 20 },
    );
    const restored = this.#tables.flatMap(({ of, copy, rows }) => [
      `delete from ${of} where ${rows}`,
      `insert into ${of} select * from ${copy}`,
      `drop table ${copy}`,
    ]);
    // Foreign keys hold at the end, as they did then.
    await database.query(
      ['begin', 'set local session_replication_role = replica', ...restored, 'commit'].join(';\n'),
    );
  }
}
