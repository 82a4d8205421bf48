/** Tables for the rounds of a storm: one that is emptied costs far less than one that is made. */

import type { TestDatabase, TestRole } from '../support/database.ts';
import { PAST_TABLES } from './past-state.ts';
import { columnsOf, type RecordShape } from './records.ts';

/** Those whose rows refer to others come first. */
const BOOKS = ['file', 'import', 'reject', 'marker', 'key', 'checkpoint', 'task'];

export class TargetTables {
  readonly #database: TestDatabase;
  readonly #roles: readonly TestRole[];
  /** Schemas of empty tables, by their columns. */
  readonly #free = new Map<string, string[]>();
  #made = 0;

  constructor(database: TestDatabase, roles: readonly TestRole[]) {
    this.#database = database;
    this.#roles = roles;
  }

  /** A schema with an empty table `target` for records of this shape, which every role may load. */
  async take(shape: RecordShape): Promise<string> {
    const columns = columnsOf(shape);
    return this.#free.get(columns)?.pop() ?? (await this.#make(columns));
  }

  /** Nothing of the round stays, so that the next ones find the same. */
  async giveBack(schema: string, shape: RecordShape): Promise<void> {
    const tasks = await this.#database.query<{ process_id: string }>(
      'select process_id from relyt_sys.relyt_loader_task where pg_table = $1',
      [`${schema}.target`],
    );
    const ids = tasks.map(({ process_id }) => `'${process_id}'`).join();
    const forgotten =
      ids === ''
        ? []
        : BOOKS.map((t) => `delete from relyt_sys.relyt_loader_${t} where process_id in (${ids})`);
    await this.#database.query(
      [
        'set local client_min_messages = warning',
        ...forgotten,
        `truncate ${schema}.target`,
        `drop table if exists ${PAST_TABLES.map((name) => `${schema}.${name}`).join()}`,
      ].join(';\n'),
    );
    const columns = columnsOf(shape);
    this.#free.set(columns, [...(this.#free.get(columns) ?? []), schema]);
  }

  async #make(columns: string): Promise<string> {
    const schema = `r${++this.#made}`;
    const roles = this.#roles.map(({ name }) => `"${name}"`).join();
    await this.#database.query(
      `create schema ${schema};
       grant usage on schema ${schema} to ${roles};
       create table ${schema}.target (${columns});
       grant select, insert, update on ${schema}.target to ${roles}`,
    );
    return schema;
  }
}
