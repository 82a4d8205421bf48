import type { Transaction } from '../database/session.ts';
import { COMMIT } from '../database/session-rules.ts';
import type { Statement } from '../database/statement.ts';
import type { StagedReader } from '../engines/engine.ts';
import { RelytError } from '../errors.ts';
import { answerTo, type ShownImport } from './statement-answers.ts';

/** A statement that would be run. Without secrets: everything that could be one is masked. */
export interface RecordedStatement {
  readonly text: string;
  /** Of the placeholders $1, $2 … */
  readonly values?: readonly unknown[];
  /** What `COPY … FROM STDIN` would be given: the text, or the name of the staged file it would come from. */
  readonly data?: string;
}

export interface RecorderOptions extends Omit<ShownImport, 'lastRead'> {
  readonly mask: (text: string) => string;
  /** What every transaction begins with on this server. */
  readonly begin: readonly Statement[];
  /** Answers what the import asks of tables that are there already. */
  readonly lookUp: (statement: Statement) => Promise<object[]>;
}

/**
 * Stands in for the database of an import: runs nothing, keeps every statement, and answers as a database
 * would in which all goes well. What it gets is the import's own code, so what it shows is what would be run.
 */
export class StatementRecorder {
  readonly statements: RecordedStatement[] = [];
  readonly #options: RecorderOptions;
  #lastRead = '';

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (const statement of this.#options.begin) this.#record(statement);
    const result = await work(this.#transaction);
    for (const statement of COMMIT) this.#record(statement);
    return result;
  }

  /** The staged files of an import that never were uploaded. */
  objects(presignGet: StagedReader['presignGet']): StagedReader {
    return {
      presignGet,
      // Nothing is known of their bytes, so nothing is compared.
      headObject: async () => undefined,
      list: nothing,
      readObject: async (key) => {
        this.#lastRead = key;
        return nothing();
      },
    };
  }

  readonly #transaction: Transaction = {
    query: async <Row extends object>(statement: Statement): Promise<Row[]> => {
      this.#record(statement);
      const answer = this.#answer(statement);
      if (answer === 'live') return (await this.#options.lookUp(statement)) as Row[];
      if (typeof answer === 'number') throw wrongAnswer(statement);
      return [...answer] as Row[];
    },
    execute: async (statement) => {
      this.#record(statement);
      return this.#touched(statement);
    },
    copyIn: async (statement, data) => {
      const shown =
        typeof data === 'string' ? data : `(the lines of ${this.#sourceOf(statement)})\n`;
      this.statements.push({
        text: this.#masked(statement.text),
        data: this.#masked(shown),
      });
      return this.#touched(statement);
    },
  };

  /** The files of a COPY into the target are read while it runs. */
  #sourceOf({ name }: Statement): string {
    if (name !== 'copyStraight') return this.#lastRead;
    return this.#options.files.map(({ key }) => key).join(', then of ');
  }

  #record({ text, values }: Statement): void {
    const shown = values === undefined ? {} : { values: values.map((value) => this.#shown(value)) };
    this.statements.push({ text: this.#masked(text), ...shown });
  }

  #shown(value: unknown): unknown {
    if (typeof value === 'string') return this.#masked(value);
    return Array.isArray(value) ? value.map((part) => this.#shown(part)) : value;
  }

  #masked(text: string): string {
    return this.#options.mask(text);
  }

  #touched(statement: Statement): number {
    const answer = this.#answer(statement);
    if (typeof answer !== 'number') throw wrongAnswer(statement);
    return answer;
  }

  #answer(statement: Statement) {
    return answerTo({ ...this.#options, lastRead: this.#lastRead }, statement);
  }
}

function wrongAnswer({ name }: Statement): RelytError {
  return new RelytError('INTERNAL', `A dry run answers "${name}" as if it were another statement.`);
}

async function* nothing(): AsyncGenerator<never> {}
