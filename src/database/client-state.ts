import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { endsSession } from '../core/sqlstate.ts';
import { RelytError } from '../errors.ts';
import { isServerError } from './server-error.ts';

const cutClients = new WeakSet<pg.Client>();

/** Closes the connection at once; a running statement fails with a broken connection. */
export function cut(client: pg.Client): void {
  cutClients.add(client);
  client.end().catch(() => undefined);
}

/** Whether it was closed that way, and must not be used again. */
export function isCut(client: pg.Client): boolean {
  return cutClients.has(client);
}

/** Waits for the end of `work`, whatever it is, but no longer than this. */
export async function withinLimit(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const expired = new AbortController();
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  const limit = delay(milliseconds, undefined, { signal: expired.signal }).catch(() => undefined);
  await Promise.race([settled, limit]);
  expired.abort();
}

/** The server answered with an error and the connection goes on. */
export function isPlainSqlError(error: unknown): boolean {
  if (error instanceof RelytError) return true;
  if (!isServerError(error) || error.code === undefined) return false;
  return !endsSession(error.code);
}
