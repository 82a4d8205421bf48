import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { SQLSTATE } from '../core/sqlstate.ts';
import { RelytError } from '../errors.ts';
import { runTogether } from './burst.ts';
import { cut, isPlainSqlError } from './client-state.ts';
import { failureCode } from './database-error.ts';
import type { KnownServers } from './known-servers.ts';
import { readValue } from './read-values.ts';
import type { StatementAnswer, Transaction } from './session.ts';
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

/** A client of the caller's may have parsers of its own. */
const VALUES = { getTypeParser: readValue as typeof pg.types.getTypeParser };

/** A transaction on a connection. BEGIN goes to the server with its first statement. */
export class ClientTransaction implements Transaction {
  readonly #client: pg.Client;
  readonly #servers: KnownServers;
  readonly #answerMs: number;
  #signal: AbortSignal | undefined;
  #isBegun = false;
  #isOver = false;
  #last: Promise<void> = Promise.resolve();

  /** @param answerMs how long an answer is waited for */
  constructor(client: pg.Client, servers: KnownServers, answerMs: number) {
    this.#client = client;
    this.#servers = servers;
    this.#answerMs = answerMs;
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    return (await this.#inTurn(() => this.#run(statement))).rows as Row[];
  }

  async execute(statement: Statement): Promise<number> {
    return (await this.#inTurn(() => this.#run(statement))).rowCount ?? 0;
  }

  copyIn({ text }: Statement, data: string | AsyncIterable<Buffer>): Promise<number> {
    return this.#inTurn(async () => {
      if (!this.#isBegun) await this.begin([]);
      const lines = Readable.from(typeof data === 'string' ? [Buffer.from(data, 'utf8')] : data);
      const copy = this.#client.query(copyFrom(text));
      await this.#answered(pipeline(lines, copy));
      return copy.rowCount;
    });
  }

  /** Begins, with these statements in the same round trip: none may depend on what another returned. */
  begin(statements: readonly Statement[]): Promise<readonly StatementAnswer[]> {
    this.#isBegun = true;
    return this.#answered(this.#servers.begin(this.#client, statements));
  }

  /** Does `work`, in which no statement begins after the signal has fired. An answer is waited for however long it takes. */
  async under<T>(signal: AbortSignal, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.#signal = signal;
    try {
      return await work(this);
    } finally {
      this.#signal = undefined;
    }
  }

  /** The connection is used again after an error of SQL, so not even a BEGIN that failed may leave a transaction open. */
  async orRollback<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // A connection that broke took its transaction with it; what broke it is the error to report.
      await this.#end(() => this.#client.query('rollback')).catch(() => undefined);
      throw error;
    }
  }

  /** @throws UnknownOutcomeError when the connection broke */
  async commit(): Promise<void> {
    try {
      await this.#end(() => runTogether(this.#client, COMMIT));
    } catch (error) {
      if (!isPlainSqlError(error)) throw new UnknownOutcomeError(error);
      // In a transaction that failed before, COMMIT is not even reached.
      await this.#client.query('rollback').catch(() => undefined);
      throw failureCode(error) === SQLSTATE.inFailedTransaction
        ? new RelytError('INTERNAL', 'A failed transaction was committed.')
        : error;
    }
  }

  /** After the statements before it. One that came later would run outside of the transaction, under other settings. */
  #end(run: () => Promise<unknown>): Promise<void> {
    return this.#inTurn(async () => {
      this.#isOver = true;
      if (this.#isBegun) await this.#answered(run());
    });
  }

  /** A statement begins when those before it have ended, whether or not their caller waited for them. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => {
      this.#signal?.throwIfAborted();
      if (this.#isOver) throw new RelytError('INTERNAL', 'A statement came after its transaction.');
      return run();
    });
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #run(statement: Statement): Promise<Pick<pg.QueryResult, 'rows' | 'rowCount'>> {
    if (this.#isBegun)
      return onlyResult(await this.#answered(this.#client.query(this.#asked(statement))));
    const [answer] = await this.begin([statement]);
    return answer ?? { rows: [], rowCount: 0 };
  }

  #asked({ text, values }: Statement): pg.QueryConfig {
    return { text, types: VALUES, ...(values === undefined ? {} : { values: values.slice() }) };
  }

  /** Cuts a connection that stays silent; what waits for its answer then fails as with any broken connection. */
  async #answered<T>(answer: Promise<T>): Promise<T> {
    if (this.#signal !== undefined) return answer;
    const timer = setTimeout(() => cut(this.#client), this.#answerMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Of several statements in one text, the result is that of the last one that returns rows, else of the last. */
function onlyResult<Row extends object>(
  answer: pg.QueryResult<Row> | pg.QueryResult<Row>[],
): pg.QueryResult<Row> {
  if (!Array.isArray(answer)) return answer;
  const result = answer.findLast(({ command }) => command === 'SELECT') ?? answer.at(-1);
  if (result === undefined) throw new RelytError('INTERNAL', 'A statement has no result.');
  return result;
}
