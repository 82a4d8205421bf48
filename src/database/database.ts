import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { RelytError } from '../errors.ts';
import { databaseError } from './database-error.ts';
import type { Statement } from './statement.ts';

export interface Connection {
  readonly connectionString?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  readonly ssl?: boolean | object | undefined;
}

/** A place to run statements: the pool, or one connection inside a transaction. */
export interface Session {
  query<Row extends object>(statement: Statement): Promise<Row[]>;
  /** Runs a statement for its effect; returns the number of rows it touched. */
  execute(statement: Statement): Promise<number>;
}

/** One connection inside a transaction. */
export interface Transaction extends Session {
  /** `COPY … FROM STDIN`: the one way to hand over text that never reaches the server's log as a parameter. */
  copyIn(statement: string, text: string): Promise<void>;
}

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

/** Pause between two cancellations of the same statement. */
const CANCEL_AGAIN_MS = 200;

const INT8 = 20;
const TEXT_TYPES = new Set([1082, 1114, 1184]); // date and timestamps: never through a JavaScript Date

/** Bookkeeping values only: int8 as number (counts and ordinals stay below 2^53), times as the text the statement asked for. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  if (TEXT_TYPES.has(oid)) return String;
  return pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
}

export class Database implements Session {
  readonly #pool: pg.Pool;
  /** Connections whose commits are known to survive a crash of the server. */
  readonly #durable = new WeakSet<pg.PoolClient>();

  constructor(
    connection: Connection,
    options: { readonly connections: number; readonly applicationName: string },
  ) {
    this.#pool = new pg.Pool({
      ...poolTarget(connection),
      max: options.connections,
      application_name: options.applicationName,
      connectionTimeoutMillis: 15_000,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
    this.#pool.on('error', () => {});
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    return this.#withClient((client) => clientSession(client).query<Row>(statement));
  }

  async execute(statement: Statement): Promise<number> {
    return this.#withClient((client) => clientSession(client).execute(statement));
  }

  /**
   * Runs `work` in one transaction. Rolls back when it throws; cancels its statement when the signal fires.
   * @throws UnknownOutcomeError when the connection broke while COMMIT was under way.
   */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#withClient(async (client) => {
      await client.query('begin');
      let result: T;
      try {
        result =
          signal === undefined
            ? await work(clientSession(client))
            : await this.#cancellable(client, signal, work);
      } catch (error) {
        // A connection that broke took its transaction with it, and what broke it is the news.
        await client.query('rollback').catch(() => undefined);
        throw error;
      }
      await commit(client);
      return result;
    });
  }

  async #cancellable<T>(
    client: pg.PoolClient,
    signal: AbortSignal,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const session = clientSession(client, signal);
    const [backend] = await session.query<{ pid: number }>({
      text: 'select pg_backend_pid() as pid',
    });
    const ended = new AbortController();
    const cancelling = this.#cancelOn(signal, ended.signal, backend?.pid);
    try {
      return await work(session);
    } finally {
      ended.abort();
      // The connection must not be used again while a cancellation is on its way to it.
      await cancelling;
    }
  }

  /** Again and again, because the server ignores a cancellation that arrives between two statements. */
  async #cancelOn(signal: AbortSignal, ended: AbortSignal, pid: number | undefined): Promise<void> {
    if (!signal.aborted) await once(signal, 'abort', { signal: ended }).catch(() => undefined);
    while (!ended.aborted) {
      await this.execute({ text: 'select pg_cancel_backend($1)', values: [pid] }).catch(() => 0);
      await delay(CANCEL_AGAIN_MS, undefined, { signal: ended }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /**
   * With `synchronous_commit` off a crash of the server takes back what it had confirmed: rows of an import
   * whose staged file is deleted by then. So this session asks for the confirmation that means it (G1).
   */
  async #makeDurable(client: pg.PoolClient): Promise<void> {
    try {
      await client.query(
        `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
      );
      this.#durable.add(client);
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** A connection on which anything but a plain SQL error happened is thrown away, not reused. */
  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let broken = false;
    const onError = () => {
      broken = true;
    };
    client.on('error', onError);
    try {
      return await work(client);
    } catch (error) {
      broken ||= !isPlainSqlError(error);
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      const client = await this.#pool.connect();
      if (!this.#durable.has(client)) await this.#makeDurable(client);
      return client;
    } catch (error) {
      throw databaseError(error, 'connect to the database');
    }
  }
}

/** What is not given is left out: node-postgres then takes it from PG* variables or its defaults. */
function poolTarget(connection: Connection): pg.PoolConfig {
  const { username, ...rest } = connection;
  const target = { ...rest, user: username };
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
}

/** With a signal no statement begins after it has fired. */
function clientSession(client: pg.PoolClient, signal?: AbortSignal): Transaction {
  return {
    async query<Row extends object>(statement: Statement): Promise<Row[]> {
      signal?.throwIfAborted();
      const result = await client.query<Row>(statement.text, statement.values?.slice());
      return result.rows;
    },
    async execute(statement: Statement): Promise<number> {
      signal?.throwIfAborted();
      const result = await client.query(statement.text, statement.values?.slice());
      return result.rowCount ?? 0;
    },
    async copyIn(statement: string, text: string): Promise<void> {
      signal?.throwIfAborted();
      await pipeline(Readable.from([Buffer.from(text, 'utf8')]), client.query(copyFrom(statement)));
    },
  };
}

async function commit(client: pg.PoolClient): Promise<void> {
  try {
    const { command } = await client.query('commit');
    // A failed transaction answers COMMIT with ROLLBACK and no error.
    if (command !== 'COMMIT')
      throw new RelytError('INTERNAL', 'a failed transaction was committed');
  } catch (error) {
    if (error instanceof RelytError || isPlainSqlError(error)) throw error;
    throw new UnknownOutcomeError(error);
  }
}

/** The server answered with an error and the connection goes on (SQLSTATE classes 57P and 08 end it). */
function isPlainSqlError(error: unknown): boolean {
  if (error instanceof RelytError) return true;
  return error instanceof pg.DatabaseError && !/^(57P0|08)/.test(error.code ?? '08');
}
