import { formOf } from '../core/layout.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import { databaseError, failureCode } from '../database/database-error.ts';
import type { Lines } from '../database/do-block.ts';
import type { Session, Transaction } from '../database/session.ts';
import { qualified, type Statement } from '../database/statement.ts';
import { allowLocation, locationAllowed } from '../database/statements/location.ts';
import { RelytError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import type { Engine, ExternalFiles, S3Context, StagedObject } from './engine.ts';
import { locationUrl } from './location-url.ts';
import { type EngineProfile, PROFILES } from './profiles.ts';
import { damaged } from './staged-reader.ts';

/** The message would quote the command, which helps no reader; the detail is what curl ended with. */
const DOWNLOAD_FAILED: Lines = [
  'when external_routine_exception then',
  '  get stacked diagnostics reason = pg_exception_detail;',
  `  raise exception 'the database could not download a staged file: %', reason using errcode = '${SQLSTATE.externalRoutineException}';`,
];

const EXTERNAL_TABLE = 'pg_temp.relyt_loader_external';

const openFiles = (): Statement => ({
  name: 'openFiles',
  text: 'select relyt_sys.relyt_loader_open()',
});

/** As COPY data, which no log shows. */
const copyUrls = (): Statement => ({
  name: 'copyUrls',
  text: 'copy pg_temp.relyt_loader_url (n, etag, stored_bytes, url) from stdin',
});

/** A line of them: what is not known of a file is NULL, and not checked. */
function urlLine({ stored }: StagedObject, n: number, url: string): string {
  const fields = [n, stored?.etag ?? NULL, stored?.size ?? NULL, url];
  return `${fields.join('\t')}\n`;
}

/** As COPY writes it. */
const NULL = '\\N';

const exposeFiles = ({ table, columns, gzip, layout, asText }: ExternalFiles): Statement => ({
  name: 'exposeFiles',
  text: 'select relyt_sys.relyt_loader_expose($1::regclass, $2::text[], $3, $4, $5::boolean[])',
  values: [
    qualified(table.schema, table.name),
    columns.map(({ name }) => name),
    gzip,
    layout.format,
    columns.map((_, n) => (layout.format === 'csv' ? asText : formOf(layout, n) === 'text')),
  ],
});

const closeFiles = (): Statement => ({
  name: 'closeFiles',
  text: 'select relyt_sys.relyt_loader_close()',
});

/** Stock PostgreSQL 13 and later: a file_fdw foreign table whose program is curl over presigned URLs. */
export class PostgresEngine implements Engine {
  readonly profile: EngineProfile = PROFILES.postgres;
  readonly guard = DOWNLOAD_FAILED;
  readonly #objects: S3Context['objects'];
  readonly #s3: S3Settings;
  readonly #knownLocations: readonly string[];

  constructor({ objects, s3, knownLocations = [] }: S3Context) {
    this.#objects = objects;
    this.#s3 = s3;
    this.#knownLocations = knownLocations;
  }

  async prepare(session: Session): Promise<void> {
    const location = await locationUrl(this.#objects, this.#s3);
    if (this.#knownLocations.some((prefix) => location.startsWith(prefix))) return;
    try {
      const [row] = await session.query<{ allowed: boolean }>(locationAllowed(location));
      if (!row?.allowed) await session.execute(allowLocation(location));
    } catch (error) {
      if (failureCode(error) !== SQLSTATE.insufficientPrivilege)
        throw databaseError(error, 'check the allowed S3 locations');
      throw new RelytError(
        'DATABASE_PERMISSION_DENIED',
        `The database does not allow this role to read staged files from ${location}.`,
        {
          hint: `Have an administrator run, naming this role: \`relyt init --allow-location ${shellWord(location)} --role ROLE\``,
          cause: error,
        },
      );
    }
  }

  async open(transaction: Transaction, files: ExternalFiles): Promise<string> {
    const urls = await Promise.all(
      files.files.map(({ key }) => this.#objects.presignGet(key, files.timeLimitSeconds)),
    );
    await transaction.execute(openFiles());
    const lines = files.files.map((file, n) => urlLine(file, n, urls[n] ?? ''));
    await transaction.copyIn(copyUrls(), lines.join(''));
    await transaction.execute(exposeFiles(files));
    return EXTERNAL_TABLE;
  }

  /** The guard has said it in a SQLSTATE. */
  readFailure(_error: unknown): undefined {}

  async close(transaction: Transaction, _source: string, { files }: ExternalFiles): Promise<void> {
    try {
      await transaction.execute(closeFiles());
    } catch (error) {
      const { code, detail } = error as { code?: unknown; detail?: unknown };
      if (code !== SQLSTATE.otherObject) throw error;
      // No cause: another download may bring the right one, whatever this SQLSTATE says.
      throw damaged(files[Number(detail)]?.key ?? '', 'S3 answered with another object');
    }
  }
}
