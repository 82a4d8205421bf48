import type { Reader, StatementAnswer } from './session.ts';
import type { Statement } from './statement.ts';

/** Where statements run together in one transaction. */
interface OneTransaction {
  atOnce(statements: readonly Statement[]): Promise<readonly StatementAnswer[]>;
}

const readOnly = (): Statement => ({ name: 'readOnly', text: 'set transaction read only' });

const answerWithin = (seconds: number): Statement => ({
  name: 'answerWithin',
  text: `select pg_catalog.set_config('statement_timeout', $1, true)`,
  values: [`${seconds}s`],
});

/** Asks in transactions that can change nothing. The server gives a question up that takes too long. */
export class ReadOnlyReader implements Reader {
  readonly #database: OneTransaction;
  readonly #seconds: number;

  /** @param seconds how long the server may work on one question */
  constructor(database: OneTransaction, seconds: number) {
    this.#database = database;
    this.#seconds = seconds;
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    const before = [readOnly(), answerWithin(this.#seconds)];
    const answers = await this.#database.atOnce([...before, statement]);
    return (answers[before.length]?.rows ?? []) as Row[];
  }
}
