import type { Statement } from './statement.ts';

/** What the server answers to one statement. */
export interface StatementAnswer {
  readonly rows: object[];
  /** Rows that it returned or touched. */
  readonly rowCount: number;
}

/** A place to ask. */
export interface Reader {
  query<Row extends object>(statement: Statement): Promise<Row[]>;
}

/** A place to run statements: the pool, or one connection inside a transaction. */
export interface Session extends Reader {
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
