import type pg from 'pg';
import { RelytError } from '../errors.ts';
import { parameterText } from './parameter-text.ts';
import { readValue } from './read-values.ts';
import type { StatementAnswer } from './session.ts';
import type { Statement } from './statement.ts';

type ReadValue = (text: string) => unknown;

/** An answer while it comes in. */
class Coming implements StatementAnswer {
  readonly rows: object[] = [];
  rowCount = 0;
  columns: readonly { readonly name: string; readonly read: ReadValue }[] = [];

  add(fields: readonly (string | null)[]): void {
    const values = this.columns.map(({ name, read }, n) => {
      const text = fields[n] ?? null;
      return [name, text === null ? null : read(text)] as const;
    });
    this.rows.push(Object.fromEntries(values));
  }
}

/** Ends the promise of the answers. */
interface Settle {
  resolve(answers: readonly StatementAnswer[]): void;
  reject(error: Error): void;
}

/**
 * Statements that go to the server together, in one round trip: none may depend on what another returned. One Sync
 * follows the last of them, so that the server skips all that come after one that failed: behind a BEGIN that did not
 * succeed nothing is run. To node-postgres this is a query of a class of its own, as its cursors are.
 */
class Burst implements pg.Submittable {
  readonly #statements: readonly Statement[];
  readonly #answers: Coming[] = [];
  readonly #settle: Settle;
  #current = new Coming();

  constructor(statements: readonly Statement[], settle: Settle) {
    this.#statements = statements;
    this.#settle = settle;
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork();
    try {
      for (const { text, values } of this.#statements) {
        connection.parse({ name: '', text, types: [] }, true);
        connection.bind({ values: (values ?? []).map(parameterText) }, true);
        connection.describe({ type: 'P', name: '' }, true);
        connection.execute({}, true);
      }
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.#current.columns = fields.map(({ name, dataTypeID }) => ({
      name,
      read: readValue(dataTypeID),
    }));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#current.add(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#current.rowCount = Number(/\d+$/.exec(text)?.[0] ?? 0);
    this.#answers.push(this.#current);
    this.#current = new Coming();
  }

  handleError(error: Error): void {
    this.#settle.reject(error);
  }

  handleReadyForQuery(): void {
    const lacking = this.#statements.length - this.#answers.length;
    if (lacking === 0) this.#settle.resolve(this.#answers);
    else this.#settle.reject(new RelytError('INTERNAL', `${lacking} statements have no answer.`));
  }
}

/** Runs statements in one round trip, and gives the answer to each. @throws what the first one that fails throws */
export function runTogether(
  client: pg.Client,
  statements: readonly Statement[],
): Promise<readonly StatementAnswer[]> {
  return new Promise((resolve, reject) => {
    client.query(new Burst(statements, { resolve, reject }));
  });
}
