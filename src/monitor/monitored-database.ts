import type { AccessConfig } from '../config/access-config.ts';
import type { Database } from '../database/database.ts';
import { ReadOnlyReader } from '../database/read-only.ts';
import type { Reader } from '../database/session.ts';
import { databaseOf, operationError } from '../operations/access.ts';
import { RecentAnswers } from './recent-answers.ts';

/** How long the server may work on one question of the monitor. */
const ANSWER_SECONDS = 15;
/** How long an answer is reused for the same question. */
const SHARED_MS = 1000;

/** The database that a monitor shows. It is asked in transactions that can change nothing. */
export class MonitoredDatabase {
  readonly #database: Database;
  readonly #answers = new RecentAnswers(SHARED_MS);
  readonly reader: Reader;

  constructor(access: AccessConfig) {
    this.#database = databaseOf(access);
    this.reader = new ReadOnlyReader(this.#database, ANSWER_SECONDS);
  }

  /**
   * The answer to a question, or that of a moment ago.
   * @param question tells it apart from all others
   * @param doing completes "could not …"
   * @throws RelytError
   */
  ask<Answer>(
    question: string,
    doing: string,
    work: (reader: Reader) => Promise<Answer>,
  ): Promise<Answer> {
    return this.#answers.get(question, () => this.askAnew(doing, work));
  }

  /** The same, without sharing. */
  async askAnew<Answer>(doing: string, work: (reader: Reader) => Promise<Answer>): Promise<Answer> {
    try {
      return await work(this.reader);
    } catch (error) {
      throw operationError(error, doing);
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
