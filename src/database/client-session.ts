import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { endsSession, SQLSTATE } from '../core/sqlstate.ts';
import { RelytError } from '../errors.ts';
import { failureCode } from './database-error.ts';
import type { Transaction } from './session.ts';
import { COMMIT } from './session-rules.ts';
import type { Statement } from './statement.ts';

/**
 * COMMIT was sent and its answer never came: the transaction may or may not be there.
 * The caller settles it by reading back what the transaction wrote.
 */
export class UnknownOutcomeError extends Error {
  constructor(cause: unknown) {
    super('the answer to COMMIT was lost', { cause });
    this.name = 'UnknownOutcomeError';
  }
}

/** With a signal no statement begins after it has fired. `answered` says how long an answer is waited for. */
export function clientSession(
  client: pg.Client,
  answered: <T>(answer: Promise<T>) => Promise<T>,
  signal?: AbortSignal,
): Transaction {
  const run = async <Row extends object>({ text, values }: Statement) => {
    signal?.throwIfAborted();
    return onlyResult(await answered(client.query<Row>(text, values?.slice())));
  };
  return {
    async query<Row extends object>(statement: Statement): Promise<Row[]> {
      return (await run<Row>(statement)).rows;
    },
    async execute(statement: Statement): Promise<number> {
      return (await run(statement)).rowCount ?? 0;
    },
    async copyIn({ text }: Statement, data: string | AsyncIterable<Buffer>): Promise<number> {
      signal?.throwIfAborted();
      const lines = Readable.from(typeof data === 'string' ? [Buffer.from(data, 'utf8')] : data);
      const copy = client.query(copyFrom(text));
      await answered(pipeline(lines, copy));
      return copy.rowCount;
    },
  };
}

/** Of several statements in one text, the result is that of the last one that returns rows, else of the last. */
function onlyResult<Row extends object>(
  answer: pg.QueryResult<Row> | pg.QueryResult<Row>[],
): pg.QueryResult<Row> {
  if (!Array.isArray(answer)) return answer;
  const result = answer.findLast(({ command }) => command === 'SELECT') ?? answer.at(-1);
  if (result === undefined) throw new RelytError('INTERNAL', 'a statement has no result');
  return result;
}
const cutClients = new WeakSet<pg.Client>();

/** Closes the connection at once; a statement under way is told that it broke. */
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

export async function commit(client: pg.Client): Promise<void> {
  try {
    await client.query(COMMIT.text);
  } catch (error) {
    if (!isPlainSqlError(error)) throw new UnknownOutcomeError(error);
    // In a transaction that failed before, COMMIT is not even reached.
    await client.query('rollback').catch(() => undefined);
    throw failureCode(error) === SQLSTATE.inFailedTransaction
      ? new RelytError('INTERNAL', 'a failed transaction was committed')
      : error;
  }
}

/** The server answered with an error and the connection goes on. */
export function isPlainSqlError(error: unknown): boolean {
  if (error instanceof RelytError) return true;
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return false;
  return !endsSession(error.code);
}
