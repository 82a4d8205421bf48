import { isPlainSqlError } from './client-state.ts';
import type { Reader, StatementAnswer } from './session.ts';
import type { Statement } from './statement.ts';

/** Where statements that share a transaction are run. */
interface Together {
  atOnce(statements: readonly Statement[]): Promise<readonly StatementAnswer[]>;
}

interface Question {
  readonly statement: Statement;
  resolve(rows: object[]): void;
  reject(error: unknown): void;
}

/**
 * Sends questions that are asked without waiting in between in one round trip. Where one of them fails, each is asked
 * again by itself, so that its caller meets its own error and no other. So it is for reading only.
 */
export class SharedReads implements Reader {
  readonly #database: Together;
  #waiting: Question[] = [];

  constructor(database: Together) {
    this.#database = database;
  }

  query<Row extends object>(statement: Statement): Promise<Row[]> {
    // After all that goes on without waiting has asked.
    if (this.#waiting.length === 0) setImmediate(() => void this.#ask());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statement, resolve: (rows) => resolve(rows as Row[]), reject });
    });
  }

  async #ask(): Promise<void> {
    const questions = this.#waiting;
    this.#waiting = [];
    try {
      const answers = await this.#database.atOnce(questions.map(({ statement }) => statement));
      for (const [n, { resolve }] of questions.entries()) resolve(answers[n]?.rows ?? []);
    } catch (error) {
      if (questions.length > 1 && isPlainSqlError(error)) await this.#askEach(questions);
      else for (const { reject } of questions) reject(error);
    }
  }

  async #askEach(questions: readonly Question[]): Promise<void> {
    for (const { statement, resolve, reject } of questions) {
      await this.#database
        .atOnce([statement])
        .then(([answer]) => resolve(answer?.rows ?? []), reject);
    }
  }
}
