/** A database with the table `people`, for tests of `relyt load`. */

import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { deleteKeys, uniquePrefix } from '../../support/bucket.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { wordsOf } from '../../support/shell.ts';
import { type RelytOptions, type RelytResult, relyt, s3Environment } from './relyt.ts';

export const HEADER = 'id,name,born\n';

export class People {
  readonly prefix = uniquePrefix();
  #database: TestDatabase | undefined;

  /** Of the tests of one file; the table is new for each of them. */
  static forTests(): People {
    const people = new People();
    beforeAll(() => people.#prepare());
    afterAll(() => people.#drop());
    beforeEach(async () => {
      await people.database.query('drop table if exists people');
      await people.database.query('create table people (id int primary key, name text, born date)');
    });
    return people;
  }

  get database(): TestDatabase {
    if (this.#database === undefined) throw new Error('the database is made before the tests');
    return this.#database;
  }

  /** A load into the table; `-` first in the arguments to read `input`. */
  load(args: readonly string[], options: RelytOptions = {}): Promise<RelytResult> {
    return this.relyt(['load', ...args, '--table', 'people'], options);
  }

  /** Any command, against this database. */
  relyt(args: readonly string[], options: RelytOptions = {}): Promise<RelytResult> {
    const env = { DATABASE_URL: this.database.url, ...options.env };
    return relyt(args, { ...options, env });
  }

  /** A command as it was printed, in the words that a shell makes of it. */
  run(command: string, options: RelytOptions = {}): Promise<RelytResult> {
    const [program, ...args] = wordsOf(command);
    expect(program).toBe('relyt');
    return this.relyt(args, options);
  }

  rows(): Promise<Record<string, unknown>[]> {
    return this.database.query('select id, name, born::text from people order by id');
  }

  async #prepare(): Promise<void> {
    this.#database = await createTestDatabase();
    expect(await this.relyt(['init'], { env: s3Environment(this.prefix) })).toMatchObject({
      code: 0,
    });
  }

  async #drop(): Promise<void> {
    await this.#database?.drop();
    await deleteKeys(this.prefix);
  }
}

/** The commands in a hint, in their order. */
export function commandsIn(hint: string): string[] {
  return [...hint.matchAll(/relyt [a-z]+ .*?(?=[.,](?:\s|$)| \(with)/g)].map(
    ([command]) => command,
  );
}
