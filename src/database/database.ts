import type pg from 'pg';
import type { Connection } from '../access-config.ts';
import { cancelOn } from './cancellation.ts';
import { clientSession, commit, cut } from './client-session.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Session, Transaction } from './session.ts';
import type { Statement } from './statement.ts';

export interface DatabaseOptions {
  readonly connections: number;
  readonly applicationName: string;
  /** Seconds until a statement without an answer is given up, with its connection; 60 by default. */
  readonly answerSeconds?: number;
}

/** Begins every transaction. */
export const BEGIN: Statement = { name: 'begin', text: 'begin isolation level read committed' };

const ROLLBACK: Statement = { name: 'rollback', text: 'rollback' };

const ownPid = (): Statement => ({ name: 'ownPid', text: 'select pg_backend_pid() as pid' });

const makeDurable = (): Statement => ({
  name: 'makeDurable',
  text: `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
});

export class Database implements Session {
  readonly #pool: ConnectionPool;
  readonly #answerMs: number;
  /** Connections whose commits are known to survive a crash of the server. */
  readonly #durable = new WeakSet<pg.PoolClient>();

  constructor(connection: Connection, options: DatabaseOptions) {
    this.#pool = new ConnectionPool(connection, options);
    this.#answerMs = (options.answerSeconds ?? 60) * 1000;
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

  /** Whether the server process that a connection was made to is the one that runs its statements: not behind a pooler. */
  async isDirect(): Promise<boolean> {
    return this.#withClient(async (client) => {
      const [backend] = await this.#session(client).query<{ pid: number }>(ownPid());
      const { processID } = client as { readonly processID?: unknown };
      return backend !== undefined && backend.pid === processID;
    });
  }

  /** Tells this listener whenever a connection was lost that was not in use. */
  whenConnectionLost(listener: () => void): void {
    this.#pool.whenConnectionLost(listener);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #cancellable<T>(
    client: pg.PoolClient,
    signal: AbortSignal,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const [backend] = await this.#session(client).query<{ pid: number }>(ownPid());
    const ended = new AbortController();
    const cancelling = cancelOn(this, { pid: backend?.pid, signal, ended: ended.signal }).then(
      (stopped) => {
        if (!stopped) cut(client);
      },
    );
    try {
      return await work(clientSession(client, (answer) => answer, signal));
    } finally {
      ended.abort();
      // The connection must not be used again while a cancellation is on its way to it.
      await cancelling;
    }
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

  #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return this.#pool.withClient(async (client) => {
      await this.#makeDurable(client);
      return work(client);
    });
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
}
