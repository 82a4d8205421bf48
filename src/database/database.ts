import type pg from 'pg';
import type { Connection } from '../access-config.ts';
import { cancelOn } from './cancellation.ts';
import { clientSession, commit, cut, UnknownOutcomeError } from './client-session.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Session, Transaction } from './session.ts';
import { begin, readRuledSettings } from './session-rules.ts';
import type { Statement } from './statement.ts';

export interface DatabaseOptions {
  readonly connections: number;
  readonly applicationName: string;
  /** Seconds until a statement without an answer is given up, with its connection; 60 by default. */
  readonly answerSeconds?: number;
}

const ROLLBACK: Statement = { name: 'rollback', text: 'rollback' };

const ownPid = (): Statement => ({
  name: 'ownPid',
  text: 'select pg_catalog.pg_backend_pid() as pid',
});

export class Database implements Session {
  readonly #pool: ConnectionPool;
  readonly #answerMs: number;
  /** What begins every transaction of a connection: another one may lead to a server of another version. */
  readonly #begins = new WeakMap<pg.Client, Statement>();

  constructor(connection: Connection, options: DatabaseOptions) {
    this.#pool = new ConnectionPool(connection, options);
    this.#answerMs = (options.answerSeconds ?? 60) * 1000;
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    return this.#alone((session) => session.query<Row>(statement));
  }

  async execute(statement: Statement): Promise<number> {
    return this.#alone((session) => session.execute(statement));
  }

  /**
   * Runs `work` in one transaction. Rolls back when it throws; cancels its statement when the signal fires.
   * @throws UnknownOutcomeError when the connection broke while COMMIT was under way.
   */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#pool.withClient(async (client) => {
      const result = await this.#orRollback(client, async (session) => {
        await session.execute(await this.#beginning(client));
        return signal === undefined ? work(session) : this.#cancellable(client, signal, work);
      });
      await this.#answered(client, commit(client));
      return result;
    });
  }

  /** How a transaction begins here, as it is shown to people. */
  begin(): Promise<Statement> {
    return this.#pool.withClient((client) =>
      this.#orRollback(client, () => this.#beginning(client)),
    );
  }

  /** Whether the server process that a connection was made to is the one that runs its statements: not behind a pooler. */
  async isDirect(): Promise<boolean> {
    return this.#pool.withClient(async (client) => {
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
    client: pg.Client,
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

  #session(client: pg.Client): Transaction {
    return clientSession(client, (answer) => this.#answered(client, answer));
  }

  /** Cuts a connection that stays silent; what waits for its answer then fails as with any broken connection. */
  async #answered<T>(client: pg.Client, answer: Promise<T>): Promise<T> {
    const timer = setTimeout(() => cut(client), this.#answerMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * A statement by itself is a transaction, too: nowhere else do settings hold behind a transaction pooler. When the
   * answer to its COMMIT is lost, its connection broke, and that is how it is told.
   */
  async #alone<T>(work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await this.transaction(work);
    } catch (error) {
      throw error instanceof UnknownOutcomeError ? error.cause : error;
    }
  }

  /** The connection is used again after an error of SQL, so not even a BEGIN that failed may leave a transaction open. */
  async #orRollback<T>(client: pg.Client, work: (session: Transaction) => Promise<T>): Promise<T> {
    const session = this.#session(client);
    try {
      return await work(session);
    } catch (error) {
      // A connection that broke took its transaction with it, and what broke it is the news.
      await session.execute(ROLLBACK).catch(() => undefined);
      throw error;
    }
  }

  async #beginning(client: pg.Client): Promise<Statement> {
    const known = this.#begins.get(client);
    if (known !== undefined) return known;
    const settings = await this.#session(client).query<{ name: string }>(readRuledSettings());
    const statement = begin(settings.map(({ name }) => name));
    this.#begins.set(client, statement);
    return statement;
  }
}
