import { dirname } from 'node:path/posix';
import { isolateRows, loadRows } from '../applying/import-rows.ts';
import type { InsertPlan } from '../applying/insert-statement.ts';
import type { StatementCounts } from '../core/import-counts.ts';
import { SQLSTATE } from '../core/sqlstate.ts';
import type { Session, Transaction } from '../database/session.ts';
import { ident, qualified } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import { columnDefinitions } from './column-definitions.ts';
import type { Engine, ExternalFiles } from './engine.ts';
import { gpcloudFailure } from './gpcloud-failure.ts';
import type { EngineProfile } from './profiles.ts';

/** In a handler: cuts the keys of a LOCATION out of the reason. */
export const HIDE_LOCATION = `reason := regexp_replace(reason, '(accessid|secret|token)=[^[:space:]]+', '\\1=…', 'gi');`;

/**
 * Whatever scans the external table runs in a DO block: the context of a failed scan quotes the LOCATION, and the
 * row at fault. Caught inside the server, only code and message leave it, and the server's log has no more.
 */
const SCAN_FAILED = `when query_canceled then
  raise exception 'the import was cancelled' using errcode = '${SQLSTATE.queryCanceled}';
when others then
  get stacked diagnostics code = returned_sqlstate, reason = message_text, more = pg_exception_detail, bad_column = column_name;
  ${HIDE_LOCATION}
  raise exception '%', reason using errcode = code, detail = more, column = bad_column;`;

/** Relyt and its relatives: segments read the objects of one folder side by side through an S3 external table. */
export abstract class ExternalTableEngine implements Engine {
  abstract readonly profile: EngineProfile;

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
    await explained(() => this.create(transaction, { name: quoted, columns, folder }));
    return temporary ? `pg_temp.${quoted}` : quoted;
  }

  async load(transaction: Transaction, plan: InsertPlan): Promise<StatementCounts> {
    return explained(() => loadRows(transaction, plan, SCAN_FAILED));
  }

  async isolate(
    transaction: Transaction,
    plan: InsertPlan,
    maxBad: number,
  ): Promise<StatementCounts> {
    return explained(() => isolateRows(transaction, plan, { maxBad, handler: SCAN_FAILED }));
  }

  /** What an external table is in the catalogue differs: a kind of its own, or a foreign table. */
  async close(transaction: Transaction, source: string): Promise<void> {
    const [found] = await transaction.query<{ relkind: string }>({
      text: `select relkind::text as relkind from pg_catalog.pg_class where oid = $1::regclass`,
      values: [source],
    });
    const kind = found?.relkind === 'f' ? 'foreign' : 'external';
    await transaction.execute({ text: `drop ${kind} table ${source}` });
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
    throw new RelytError('INTERNAL', 'the files of an import do not stand in one folder');
  return `${folder}/`;
}

/** Host and port of the endpoint, as a LOCATION names them, and the bucket. */
export function s3Url(endpoint: string, bucket: string, folder: string): string {
  return `s3://${new URL(endpoint).host}/${bucket}/${folder}`;
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw gpcloudFailure(error) ?? error;
  }
}
