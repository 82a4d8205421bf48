import { doBlock, guarded, type Lines } from '../database/do-block.ts';
import { padded, unpadded } from '../database/padded-text.ts';
import type { Session, Transaction } from '../database/session.ts';
import { literal, type Statement } from '../database/statement.ts';
import type { S3Context } from './engine.ts';
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

const createLocationTable = (): Statement => ({
  name: 'createLocationTable',
  text: 'create temporary table relyt_loader_location (location text) on commit drop',
});

const copyLocation = (): Statement => ({
  name: 'copyLocation',
  text: `copy ${LOCATION_TABLE} (location) from stdin`,
});

/** An error may quote the statement, and with it the LOCATION. */
const CREATE_FAILED: Lines = [
  'when others then',
  '  get stacked diagnostics code = returned_sqlstate, reason = message_text;',
  `  ${HIDE_LOCATION}`,
  `  raise exception '%', reason using errcode = code;`,
];

/** The LOCATION comes out of its table, which is gone before the external one is there. */
const createExternalTable = ({ name, columns }: NewExternalTable): Statement => {
  const before = `create external table ${name} (${columns})\nlocation (`;
  const after = `)\nformat 'CSV' (delimiter ',' null '' quote '"' escape '"')`;
  const create = [
    `select ${unpadded('location')} into strict place from ${LOCATION_TABLE};`,
    `drop table ${LOCATION_TABLE};`,
    `execute pg_catalog.concat(${literal(before)}, pg_catalog.quote_literal(place), ${literal(after)});`,
  ];
  return {
    name: 'createExternalTable',
    text: doBlock(['place text;'], guarded(create, CREATE_FAILED)),
  };
};

/** Relyt reads access key and secret from the LOCATION itself. */
export class RelytEngine extends ExternalTableEngine {
  readonly profile: EngineProfile = PROFILES.relyt;
  readonly #context: S3Context;

  constructor(context: S3Context) {
    super();
    this.#context = context;
  }

  async prepare(_session: Session): Promise<void> {
    this.#location('');
  }

  /**
   * The LOCATION holds the secret, so it travels as padded COPY data and becomes a statement inside the server: neither
   * the log nor pg_stat_activity sees it, and the catalogue row is gone before another session could.
   */
  protected async create(transaction: Transaction, table: NewExternalTable): Promise<void> {
    const location = this.#location(table.folder);
    await transaction.execute(createLocationTable());
    await transaction.copyIn(copyLocation(), `${padded(location)}\n`);
    await transaction.execute(createExternalTable(table));
  }

  #location(folder: string): string {
    const { s3 } = this.#context;
    const { accessKey, secretKey } = staticKeys(s3, this.profile.databases);
    const place = s3Url(s3.endpoint, s3.bucket, folder);
    return `${place} accessid=${accessKey} secret=${secretKey} region=${s3.region} version=2`;
  }
}
