import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { keepSecret } from '../core/redaction.ts';
import { clientSession, commit, cut, isPlainSqlError, withinLimit } from './client-session.ts';
import { connectionError } from './connection-error.ts';
import { passwordOf } from './password.ts';
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
  /**
   * `COPY … FROM STDIN`: the one way to hand over text that never reaches the server's log as a parameter.
   * Returns the number of rows.
   */
  copyIn(statement: Statement, data: string | AsyncIterable<Buffer>): Promise<number>;
}

export interface DatabaseOptions {
  readonly connections: number;
  readonly applicationName: string;
  /** Seconds until a statement without an answer is given up, with its connection; 60 by default. */
  readonly answerSeconds?: number;
}

/** Pause between two cancellations of the same statement. */
const CANCEL_AGAIN_MS = 200;
/** A statement that does not end so long after it was first cancelled is out of reach. */
const CANCEL_LIMIT_MS = 5_000;
/** What the farewell of all connections may take. */
const CLOSE_LIMIT_MS = 5_000;
/** After so long without a word the system begins to ask whether the server's machine is still there. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** Begins every transaction. */
export const BEGIN: Statement = { name: 'begin', text: 'begin isolation level read committed' };

const ROLLBACK: Statement = { name: 'rollback', text: 'rollback' };

const ownPid = (): Statement => ({ name: 'ownPid', text: 'select pg_backend_pid() as pid' });

const cancelBackend = (pid: number | undefined): Statement => ({
  name: 'cancelBackend',
  text: 'select pg_cancel_backend($1)',
  values: [pid],
});

const makeDurable = (): Statement => ({
  name: 'makeDurable',
  text: `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
});

const INT8 = 20;
const TEXT_TYPES = new Set([1082, 1114, 1184]); // date and timestamps: never through a JavaScript Date

/** Bookkeeping values only: int8 as number (counts and ordinals stay below 2^53), times as the text the statement asked for. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  if (TEXT_TYPES.has(oid)) return String;
  return pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown;
}

export class Database implements Session {
  readonly #target: pg.PoolConfig;
  readonly #pool: pg.Pool;
  readonly #answerMs: number;
  readonly #sockets = new Set<net.Socket>();
  /** Connections whose commits are known to survive a crash of the server. */
  readonly #durable = new WeakSet<pg.PoolClient>();

  constructor(connection: Connection, options: DatabaseOptions) {
    keepSecret(passwordOf(connection));
    this.#answerMs = (options.answerSeconds ?? 60) * 1000;
    this.#target = poolTarget(connection);
    this.#pool = new pg.Pool({
      ...this.#target,
      max: options.connections,
      application_name: options.applicationName,
      connectionTimeoutMillis: 15_000,
      idleTimeoutMillis: 60_000,
      stream: () => this.#newSocket(),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
    this.#pool.on('error', () => {});
    // So would one that breaks while it is taken, or thrown away: whoever waits for its answer is told anyway.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    return this.#withClient((client) => this.#session(client).query<Row>(statement));
  }

  async execute(statement: Statement): Promise<number> {
    return this.#withClient((client) => this.#session(client).execute(statement));
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
      const session = this.#session(client);
      // What is read after waiting for a lock has to be what is there then, whatever the role is set to.
      await session.execute(BEGIN);
      let result: T;
      try {
        result =
          signal === undefined
            ? await work(session)
            : await this.#cancellable(client, signal, work);
      } catch (error) {
        // A connection that broke took its transaction with it, and what broke it is the news.
        await session.execute(ROLLBACK).catch(() => undefined);
        throw error;
      }
      await this.#answered(client, commit(client));
      return result;
    });
  }

  async #cancellable<T>(
    client: pg.PoolClient,
    signal: AbortSignal,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const [backend] = await this.#session(client).query<{ pid: number }>(ownPid());
    const ended = new AbortController();
    const cancelling = this.#cancelOn(signal, ended.signal, backend?.pid).then((stopped) => {
      if (!stopped) cut(client);
    });
    try {
      return await work(clientSession(client, (answer) => answer, signal));
    } finally {
      ended.abort();
      // The connection must not be used again while a cancellation is on its way to it.
      await cancelling;
    }
  }

  /**
   * Again and again, because the server ignores a cancellation that arrives between two statements.
   * Returns false when it went on regardless: then nobody is listening there.
   */
  async #cancelOn(
    signal: AbortSignal,
    ended: AbortSignal,
    pid: number | undefined,
  ): Promise<boolean> {
    const cancel = cancelBackend(pid);
    if (!signal.aborted) await once(signal, 'abort', { signal: ended }).catch(() => undefined);
    const deadline = performance.now() + CANCEL_LIMIT_MS;
    while (!ended.aborted) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      // A cancellation may find nobody listening, too.
      await withinLimit(this.execute(cancel), left);
      await delay(CANCEL_AGAIN_MS, undefined, { signal: ended }).catch(() => undefined);
    }
    return true;
  }

  #session(client: pg.PoolClient): Transaction {
    return clientSession(client, (answer) => this.#answered(client, answer));
  }

  /** Cuts a connection that stays silent; what waits for its answer then fails as with any broken connection. */
  async #answered<T>(client: pg.PoolClient, answer: Promise<T>): Promise<T> {
    const timer = setTimeout(() => cut(client), this.#answerMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Says goodbye to the server; one that does not answer is left without. */
  async close(): Promise<void> {
    await withinLimit(this.#pool.end(), CLOSE_LIMIT_MS);
    for (const socket of this.#sockets) socket.destroy();
  }

  #newSocket(): net.Socket {
    const socket = new net.Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  /**
   * With `synchronous_commit` off a crash of the server takes back what it had confirmed: rows of an import
   * whose staged file is deleted by then. So this session asks for the confirmation that means it (G1).
   */
  async #makeDurable(client: pg.PoolClient): Promise<void> {
    if (this.#durable.has(client)) return;
    await this.#session(client).execute(makeDurable());
    this.#durable.add(client);
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
      await this.#makeDurable(client);
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
      return await this.#pool.connect();
    } catch (error) {
      throw connectionError(error, this.#target);
    }
  }
}

/** What is not given is left out: node-postgres then takes it from PG* variables or its defaults. */
function poolTarget(connection: Connection): pg.PoolConfig {
  const { username, ...rest } = connection;
  const target = { ...rest, user: username };
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
}
