/** Checked by the compiler alone: one name for a conflict everywhere, and what the handle of an administrator gives. */

import {
  type AccessConfig,
  connect,
  type MigrateOptions,
  migrateGroups,
  RelytError,
  type TaskOverview,
  type TaskState,
} from 'relyt-sdk';

const access: AccessConfig = { postgresql: { connectionString: 'postgres://127.0.0.1/app' } };

export const migrations: readonly MigrateOptions[] = [
  { tables: ['public.events'], threshold: 10, onConflict: 'nothing', back: true },
  // @ts-expect-error a row that moves updates the other one, or does not
  { tables: ['public.events'], threshold: 10, onConflict: 'error' },
  // @ts-expect-error loads and migrations call it onConflict
  { tables: ['public.events'], threshold: 10, conflictMode: 'update' },
  // @ts-expect-error which groups are big has no default
  { tables: ['public.events'] },
];

export async function administer(): Promise<readonly TaskOverview[]> {
  await migrateGroups(access, { tables: ['public.events'], threshold: 10 });
  const relyt = await connect(access, { connections: 2 });
  try {
    for await (const { record, reason } of relyt.rejectedRecords('id'))
      [record satisfies unknown, reason satisfies string | null];
    const status: TaskState = (await relyt.task('id')).status;
    // @ts-expect-error there is no such state
    if (status === 'DONE') return [];
    // @ts-expect-error there is no such state
    await relyt.tasks({ status: 'DONE' });
    const explained = await relyt.explain({ table: 'events', onConflict: 'update' }, [{ id: 1 }]);
    // @ts-expect-error the connection is that of the handle
    await relyt.explain({ postgresql: { table: 'events' } }, [explained]);
    return await relyt.tasks({ status: 'FAILED' });
  } finally {
    await relyt[Symbol.asyncDispose]();
  }
}

/** What another copy of the package has thrown is known by `is`, not by `instanceof`. */
export function retried(error: unknown): boolean {
  // @ts-expect-error nothing is known of it yet
  error.retry;
  return RelytError.is(error) && error.retry === 'auto' && error.toJSON().retry === 'auto';
}
