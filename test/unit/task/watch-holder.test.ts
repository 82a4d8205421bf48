import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import type { TaskRow } from '../../../src/database/statements/lease.ts';
import { watchHolder } from '../../../src/task/watch-holder.ts';

const row = (changes: Partial<TaskRow>) =>
  ({
    ...{ status: 'RUNNING', epoch: 1, owner: 'host:1#tag', heartbeat: '', lease_left_seconds: 9 },
    ...{ holder_name: 'relyt-sdk p tag', holder_connections: 0, ...changes },
  }) as TaskRow;

/** A database that tells of the task as it is then. */
function databaseWith(now: TaskRow | undefined) {
  let looks = 0;
  const query = async () => {
    looks++;
    return now === undefined ? [] : [now];
  };
  return { database: { query } as unknown as Database, looks: () => looks };
}

describe('the process that holds a task (G6)', () => {
  it('is not looked at once more where the caller has read that none does', async () => {
    const { database, looks } = databaseWith(undefined);
    const read = row({ status: 'FAILED' });
    expect(await watchHolder(database, 'p', { row: read })).toEqual({ row: read, verdict: 'free' });
    expect(looks()).toBe(0);
  });

  it('is gone only when a second look says so, too', async () => {
    const { database, looks } = databaseWith(row({}));
    expect(await watchHolder(database, 'p', { row: row({}) })).toMatchObject({ verdict: 'gone' });
    expect(looks()).toBe(1);
    const living = databaseWith(row({ heartbeat: 'later', holder_connections: 1 }));
    const watched = await watchHolder(living.database, 'p', { row: row({}) });
    expect(watched).toMatchObject({ verdict: 'connected' });
  });

  it('is that of a task which may be gone by the second look', async () => {
    const { database } = databaseWith(undefined);
    expect(await watchHolder(database, 'p', { row: row({}) })).toBeUndefined();
    expect(await watchHolder(database, 'p')).toBeUndefined();
  });
});
