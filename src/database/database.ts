import type pg from 'pg';
import type { Connection } from '../config/access-schema.ts';
import { RelytError } from '../errors.ts';
import { cancelOn } from './cancellation.ts';
import { cut } from './client-state.ts';
import { ClientTransaction } from './client-transaction.ts';
import { ConnectionPool } from './connection-pool.ts';
import { type KnownServer, KnownServers } from './known-servers.ts';
import type { Reader, Session, StatementAnswer, Transaction } from './session.ts';
import { COMMIT } from './session-rules.ts';
import { SharedReads } from './shared-reads.ts';
import type { Statement } from './statement.ts';

export interface DatabaseOptions {
  readonly connections: number;
  readonly applicationName: string;
  /** Seconds until a statement without an answer is given up, with its connection; 60 by default. */
  readonly answerSeconds?: number;
}

const ownPid = (): Statement => ({
  name: 'ownPid',
  text: 'select pg_catalog.pg_backend_pid() as pid',
});

export class Database implements Session {
  readonly #pool: ConnectionPool;
  readonly #answerMs: number;
  readonly #servers = new KnownServers();

  constructor(connection: Connection, options: DatabaseOptions) {
    this.#pool = new ConnectionPool(connection, options);
    this.#answerMs = (options.answerSeconds ?? 60) * 1000;
  }

  /** In a transaction of its own: nowhere else do settings hold behind a transaction pooler. One round trip. */
  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    const [answer] = await this.atOnce([statement]);
    return (answer?.rows ?? []) as Row[];
  }

  async execute(statement: Statement): Promise<number> {
    const [answer] = await this.atOnce([statement]);
    return answer?.rowCount ?? 0;
  }

  /**
   * Runs statements in one transaction and one round trip: none may depend on what another returned. When the
   * connection breaks it is not known whether they took effect.
   */
  async atOnce(statements: readonly Statement[]): Promise<readonly StatementAnswer[]> {
    return this.#pool.withClient((client) => {
      const transaction = this.#transactionOn(client);
      return transaction.orRollback(() => transaction.begin([...statements, ...COMMIT]));
    });
  }

  /** What is asked of it without waiting in between shares a transaction, and a round trip. */
  sharedReads(): Reader {
    return new SharedReads(this);
  }

  /**
   * Runs `work` in one transaction, which begins with its first statement. Rolls back when it throws; cancels its
   * statement when the signal fires.
   * @throws UnknownOutcomeError when the connection broke while COMMIT was under way.
   */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#pool.withClient(async (client) => {
      const transaction = this.#transactionOn(client);
      const result = await transaction.orRollback(() =>
        signal === undefined
          ? work(transaction)
          : this.#cancellable(client, transaction, signal, work),
      );
      await transaction.commit();
      return result;
    });
  }

  /** How a transaction begins here, as it is shown to people. */
  async begin(): Promise<readonly Statement[]> {
    return (await this.#server()).begin;
  }

  /** Whether connections lead to the server that runs their statements, not to a pooler. */
  async isDirect(): Promise<boolean> {
    return (await this.#server()).isDirect;
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
    transaction: ClientTransaction,
    signal: AbortSignal,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const [backend] = await transaction.query<{ pid: number }>(ownPid());
    const ended = new AbortController();
    const cancelling = cancelOn(this, { pid: backend?.pid, signal, ended: ended.signal }).then(
      (stopped) => {
        if (!stopped) cut(client);
      },
    );
    try {
      return await transaction.under(signal, work);
    } finally {
      ended.abort();
      // The connection must not be used again while a cancellation is on its way to it.
      await cancelling;
    }
  }

  #transactionOn(client: pg.Client): ClientTransaction {
    return new ClientTransaction(client, this.#servers, this.#answerMs);
  }

  async #server(): Promise<KnownServer> {
    if (this.#servers.latest === undefined) await this.atOnce([]);
    const { latest } = this.#servers;
    if (latest === undefined) throw new RelytError('INTERNAL', 'A server was not asked.');
    return latest;
  }
}
