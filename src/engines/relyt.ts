import { guardedBlock } from '../applying/insert-block.ts';
import type { Session, Transaction } from '../database/session.ts';
import { literal } from '../database/statement.ts';
import type { EngineContext } from './engine.ts';
import {
  ExternalTableEngine,
  HIDE_LOCATION,
  type NewExternalTable,
  s3Url,
} from './external-table.ts';
import { type EngineProfile, PROFILES } from './profiles.ts';
import { staticKeys } from './static-keys.ts';

/** Gone with the transaction, and before anything is inserted. */
const LOCATION_TABLE = 'pg_temp.relyt_loader_location';

/** Relyt reads access key and secret from the LOCATION itself. */
export class RelytEngine extends ExternalTableEngine {
  readonly profile: EngineProfile = PROFILES.relyt;
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    super();
    this.#context = context;
  }

  async prepare(_session: Session): Promise<void> {
    this.#location('');
  }

  /**
   * The LOCATION holds the secret, so it travels as COPY data and becomes a statement inside the server: neither
   * the log nor pg_stat_activity sees it, and the catalogue row is gone before anybody else could.
   */
  protected async create(transaction: Transaction, table: NewExternalTable): Promise<void> {
    const location = this.#location(table.folder);
    await transaction.execute({
      text: 'create temporary table relyt_loader_location (location text) on commit drop',
    });
    await transaction.copyIn(`copy ${LOCATION_TABLE} (location) from stdin`, `${location}\n`);
    const create = `create external table ${table.name} (${table.columns})
location (%L)
format 'CSV' (delimiter ',' null '' quote '"' escape '"')`;
    await transaction.execute({
      text: guardedBlock(
        'place text;',
        `select location into strict place from ${LOCATION_TABLE};
  drop table ${LOCATION_TABLE};
  execute format(${literal(create.replaceAll('%', '%%').replace('%%L', '%L'))}, place);`,
        `when others then
  get stacked diagnostics code = returned_sqlstate, reason = message_text;
  ${HIDE_LOCATION}
  raise exception '%', reason using errcode = code;`,
      ),
    });
  }

  #location(folder: string): string {
    const { s3 } = this.#context;
    const { accessKey, secretKey } = staticKeys(s3, this.profile.databases);
    const place = s3Url(s3.endpoint, s3.bucket, folder);
    return `${place} accessid=${accessKey} secret=${secretKey} region=${s3.region} version=2`;
  }
}
