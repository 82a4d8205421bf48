import type { Statement } from '../statement.ts';

/** Whether any session waits for a lock of this one, whatever kind of lock it is. */
export const waitedFor = (): Statement => ({
  name: 'waitedFor',
  text: `select exists (
  select from pg_catalog.pg_locks l
  where not l.granted and pg_catalog.pg_backend_pid() operator(pg_catalog.=) any (pg_catalog.pg_blocking_pids(l.pid))
) as "isWaitedFor"`,
  values: [],
});
