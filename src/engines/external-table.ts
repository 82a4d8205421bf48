import { dirname } from 'node:path/posix';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { Lines } from '../database/do-block.ts';
import type { Session, Transaction } from '../database/session.ts';
import { ident, qualified, type Statement } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import { columnDefinitions } from './column-definitions.ts';
import type { Engine, ExternalFiles } from './engine.ts';
import { gpcloudFailure } from './gpcloud-failure.ts';
import type { EngineProfile } from './profiles.ts';

/** In a handler: cuts the keys of a LOCATION out of the reason. */
export const HIDE_LOCATION = `reason := regexp_replace(reason, '(accessid|secret|token)=[^[:space:]]+', '\\1=...', 'gi');`;

/**
 * The context of a failed scan quotes the LOCATION, and the row at fault: only code and message leave the server, and
 * its log has no more.
 */
const SCAN_FAILED: Lines = [
  'when query_canceled then',
  `  raise exception 'the import was cancelled' using errcode = '${SQLSTATE.queryCanceled}';`,
  'when others then',
  '  get stacked diagnostics code = returned_sqlstate, reason = message_text, more = pg_exception_detail, bad_column = column_name;',
  `  ${HIDE_LOCATION}`,
  `  raise exception '%', reason using errcode = code, detail = more, column = bad_column;`,
];

/** @param relation quoted */
const relationKindOf = (relation: string): Statement => ({
  name: 'relationKindOf',
  text: `select relkind::text as relkind from pg_catalog.pg_class where oid = $1::regclass`,
  values: [relation],
});

/** Relyt and its relatives: segments read the objects of one folder side by side through an S3 external table. */
export abstract class ExternalTableEngine implements Engine {
  abstract readonly profile: EngineProfile;
  readonly guard = SCAN_FAILED;

  abstract prepare(session: Session): Promise<void>;

  /** Creates the external table `name` over the objects of the folder. */
  protected abstract create(transaction: Transaction, table: NewExternalTable): Promise<void>;

  async open(transaction: Transaction, files: ExternalFiles): Promise<string> {
    const { table } = files;
    const temporary = this.profile.temporaryExternalTable;
    const name = temporary ? 'relyt_loader_external' : `relyt_loader_${files.name}`;
    const quoted = temporary ? ident(name) : qualified(table.schema, name);
    const columns = columnDefinitions(files);
    const folder = folderOf(files);
    await this.create(transaction, { name: quoted, columns, folder });
    return temporary ? `pg_temp.${quoted}` : quoted;
  }

  readFailure(error: unknown): RelytError | undefined {
    return gpcloudFailure(error);
  }

  /** What an external table is in the catalogue differs: a kind of its own, or a foreign table. */
  async close(transaction: Transaction, source: string): Promise<void> {
    const [found] = await transaction.query<{ relkind: string }>(relationKindOf(source));
    const kind = found?.relkind === 'f' ? 'foreign' : 'external';
    await transaction.execute({
      name: 'dropExternalTable',
      text: `drop ${kind} table ${source}`,
    });
  }
}

export interface NewExternalTable {
  /** Quoted. */
  readonly name: string;
  /** SQL between the parentheses. */
  readonly columns: string;
  /** Key of the folder, with a slash at its end: without it, `a/` would read `ab/` as well. */
  readonly folder: string;
}

function folderOf({ files }: ExternalFiles): string {
  const folders = new Set(files.map(({ key }) => dirname(key)));
  const [folder] = folders;
  if (folder === undefined || folders.size > 1)
    throw new RelytError('INTERNAL', 'The files of an import are not in one folder.');
  return `${folder}/`;
}

/** Host and port of the endpoint, as a LOCATION names them, and the bucket. */
export function s3Url(endpoint: string, bucket: string, folder: string): string {
  return `s3://${new URL(endpoint).host}/${bucket}/${folder}`;
}
