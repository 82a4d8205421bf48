import { COUNTS_SETTING } from '../applying/insert-block.ts';
import type { StatementCounts } from '../core/import-counts.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { BEGIN } from '../database/database.ts';
import type { Transaction } from '../database/session.ts';
import { qualified, type Statement } from '../database/statement.ts';
import { commitFiles } from '../database/statements/file.ts';
import { columnTypes } from '../database/statements/target.ts';
import { holdEpoch } from '../database/statements/task.ts';
import type { StagedObjects } from '../engines/engine.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import type { ImportFile, ImportTarget, RefusedRecord } from '../importing/import-transaction.ts';

/** A statement that would be run. Without secrets: everything that could be one is masked. */
export interface RecordedStatement {
  readonly text: string;
  /** Of the placeholders $1, $2 … */
  readonly values?: readonly unknown[];
  /** What `COPY … FROM STDIN` would be given: the text, or the name of the staged file it would come from. */
  readonly data?: string;
}

export interface RecorderOptions {
  readonly profile: EngineProfile;
  readonly target: ImportTarget;
  readonly files: readonly ImportFile[];
  /** Records of the files that the database is to have refused. */
  readonly refused: number;
  readonly mask: (text: string) => string;
  /** Answers what the import asks of tables that are there already. */
  readonly lookUp: (statement: Statement) => Promise<object[]>;
}

/** A step of an import counts what it staged, what of it stands in a table, or rows updated so far. */
const COUNT_STAGED = /^select count\(\*\) as found from (?!.* join )/s;
const COUNT_FOUND = /^select count\(\*\) as found from .* join |::int8 as found$/s;

/**
 * Stands in for the database of an import: runs nothing, writes down every statement, and answers as a database
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
    this.#record({ text: BEGIN });
    const result = await work(this.#transaction);
    this.#record({ text: 'commit' });
    return result;
  }

  /** The staged files of an import that never were uploaded. */
  objects(presignGet: StagedObjects['presignGet']): StagedObjects {
    return {
      presignGet,
      readObject: async (key) => {
        this.#lastRead = key;
        return nothing();
      },
    };
  }

  readonly #transaction: Transaction = {
    query: async <Row extends object>(statement: Statement): Promise<Row[]> => {
      this.#record(statement);
      return (this.#answer(statement) ?? (await this.#options.lookUp(statement))) as Row[];
    },
    execute: async (statement) => {
      this.#record(statement);
      return this.#touched(statement);
    },
    copyIn: async (text, data) => {
      const shown = typeof data === 'string' ? data : `(the lines of ${this.#lastRead})\n`;
      this.statements.push({ text: this.#masked(text), data: this.#masked(shown) });
      if (typeof data === 'string') return data.split('\n').length - 1;
      return this.#options.files.find(({ key }) => key === this.#lastRead)?.records ?? 0;
    },
  };

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

  /** Undefined for a query that is not about what this very import would have made. */
  #answer({ text, values }: Statement): object[] | undefined {
    const { target, profile, refused } = this.#options;
    const { table, columns } = target;
    const types = columnTypes(table.schema, table.name, []);
    if (text === types.text && values?.[0] === types.values?.[0]) return [...columns];
    if (text.includes(`current_setting('${COUNTS_SETTING}')`)) return [{ counts: this.#counts }];
    if (COUNT_STAGED.test(text)) return [{ found: this.#records }];
    if (COUNT_FOUND.test(text)) return [{ found: 0 }];
    // Greenplum 6 knows external tables only, its successors take them for foreign tables.
    if (text.includes('as relkind from'))
      return [{ relkind: profile.dialect.modernCatalogue ? 'f' : 'r' }];
    if (text.startsWith('insert into relyt_sys.relyt_loader_reject')) return refusals(refused);
    if (text.includes('aws_s3.table_import_from_s3(')) return [{ said: this.#imported(values) }];
    return undefined;
  }

  #imported(values: readonly unknown[] = []): string {
    const file = this.#options.files.find(({ key }) => values.includes(key));
    return `${file?.records ?? 0} rows imported into relation "t" from file ${file?.key} of 1 bytes`;
  }

  /** Rows a statement would have touched. */
  #touched({ text }: Statement): number {
    const { target, files, refused } = this.#options;
    const { schema, name } = target.table;
    if (text === holdEpoch(target.writer).text) return 1;
    if (text === commitFiles('', [], 0).text) return files.length;
    return text.startsWith(`insert into ${qualified(schema, name)} `) ? this.#records - refused : 0;
  }

  get #records(): number {
    return this.#options.files.reduce((sum, file) => sum + file.records, 0);
  }

  get #counts(): StatementCounts {
    const { refused } = this.#options;
    const good = this.#records - refused;
    return { read: good, winners: good, written: good, inserted: good, rejected: refused };
  }
}

function refusals(count: number): RefusedRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    ordinal: n + 1,
    code: SQLSTATE.invalidTextRepresentation,
    column: null,
    reason: 'for example',
  }));
}

async function* nothing(): AsyncGenerator<Buffer> {}
