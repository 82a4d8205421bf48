/** Two roles that load the same table, and the rows of a task as an administrator sees them. */

import pg from 'pg';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { TestRole } from '../../support/database.ts';
import {
  createLoaderRole,
  generate,
  type MakeTarget,
  type TestTarget,
} from '../../support/loading.ts';
import { failedTask, record } from '../operations/interrupted-tasks.ts';

/** Those of every version; later ones have two more. */
export const TASK_TABLES = ['task', 'file', 'import', 'reject', 'checkpoint'] as const;
export const OWNED_TABLES = [...TASK_TABLES, 'key', 'marker'] as const;

export const tableOf = (name: string) => `relyt_sys.relyt_loader_${name}`;

export interface TwoRoles {
  readonly target: TestTarget;
  readonly alice: TestRole;
  readonly bob: TestRole;
  /** FAILED, with files imported, a file staged and rejected records. */
  readonly ofAlice: string;
  /** COMPLETED, with rejected records. */
  readonly ofBob: string;
}

export async function twoRoles(makeTarget: MakeTarget): Promise<TwoRoles> {
  const target = await makeTarget('id int primary key, v text');
  const alice = await loaderOf(target);
  const bob = await loaderOf(target);
  const failed = await failedTask(target, { url: alice.url, maxErrorRecords: 0 });
  await reject(target, failed.processId);
  await target.database.query(`alter table ${target.sql} drop constraint poison`);
  const records = [...generate(5, (n) => record(n + 100)), { id: 'none', v: 'of bob' }];
  const ofBob = await target.load(records, { url: bob.url, maxErrorRecords: 1 });
  const ofAlice = failed.processId;
  await giveKeys(target, [
    [alice, ofAlice, 'shared'],
    [alice, ofAlice, 'of alice'],
    [bob, ofBob, 'shared'],
  ]);
  return { target, alice, bob, ofAlice, ofBob };
}

/** Keys of the tasks, and markers as loads into unlogged tables leave them. */
async function giveKeys(
  { database, schema, table }: TestTarget,
  keys: readonly (readonly [role: TestRole, processId: string, key: string])[],
): Promise<void> {
  for (const [{ name }, processId, key] of keys) {
    await database.query(
      `insert into ${tableOf('key')} (owner_role, pg_table, key, process_id, created_at) values ($1, $2, $3, $4, now())`,
      [name, `${schema}.${table}`, key, processId],
    );
    await database.query(
      `insert into ${tableOf('marker')} (owner_role, process_id, marker, created_at) values ($1, $2, $3, now())`,
      [name, processId, `marker of ${key}`],
    );
  }
}

/** A role that loads the table, and nothing more. */
export async function loaderOf(target: TestTarget): Promise<TestRole> {
  const role = await createLoaderRole(target);
  await target.database.query(
    `grant select, insert, update on ${target.sql} to ${pg.escapeIdentifier(role.name)}`,
  );
  return role;
}

/** A rejected record that tells something. */
async function reject({ database }: TestTarget, processId: string): Promise<void> {
  await database.query(
    `insert into relyt_sys.relyt_loader_reject (process_id, record_ordinal, stage, code, reason, record, created_at, owner_role)
     select process_id, 5, 'import', '22P02', 'refused', '{"v": "secret of alice"}', now(), owner_role
     from relyt_sys.relyt_loader_task where process_id = $1`,
    [processId],
  );
}

/** One statement on a connection of the role; the number of rows it touched, and the rows. */
export async function as(
  role: Pick<TestRole, 'url'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<{ readonly count: number; readonly rows: Record<string, unknown>[] }> {
  const client = new pg.Client({ connectionString: role.url });
  await client.connect();
  try {
    const { rowCount, rows } = await client.query(text, [...values]);
    return { count: rowCount ?? 0, rows };
  } finally {
    await client.end();
  }
}

/** Every row of the task, as an administrator sees it. */
export async function rowsOf({ database }: TestTarget, processId: string): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const table of OWNED_TABLES) {
    found[table] = await database.query(
      `select to_jsonb(t)::text as row from ${tableOf(table)} t where process_id = $1 order by 1`,
      [processId],
    );
  }
  return found;
}

/** Goes on with the task as this role, to its end. */
export async function resumeAs(target: TestTarget, url: string, processId: string): Promise<void> {
  const config = target.config({ url, batchSize: 10, batchImportSize: 1 });
  const resumed = await BulkProcessor.resume(processId, config);
  await resumed.shutdown();
}
