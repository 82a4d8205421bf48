import type { Session, Transaction } from '../database/session.ts';
import { literal, type Statement } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import type { S3Context } from './engine.ts';
import { ExternalTableEngine, type NewExternalTable, s3Url } from './external-table.ts';
import type { EngineProfile } from './profiles.ts';
import { refuseSessionToken } from './static-keys.ts';

const PROTOCOL_HINT =
  'Have an administrator create the protocol s3 in this database and grant SELECT on it (docs/guide/engine-greenplum.md).';

const findProtocol = (): Statement => ({
  name: 'findProtocol',
  text: `select 1 from pg_catalog.pg_extprotocol where ptcname = 's3'`,
});

/** Greenplum 6 and 7, Cloudberry: the keys are in a configuration file of the servers, not in the statement. */
export class GreenplumEngine extends ExternalTableEngine {
  readonly profile: EngineProfile;
  readonly #context: S3Context;

  constructor(profile: EngineProfile, context: S3Context) {
    super();
    this.profile = profile;
    this.#context = context;
  }

  async prepare(session: Session): Promise<void> {
    refuseSessionToken(this.#context.s3, this.profile.databases);
    const [protocol] = await session.query(findProtocol());
    if (protocol === undefined) {
      throw new RelytError(
        'ENGINE_UNSUPPORTED',
        'The protocol s3 does not exist in this database.',
        {
          hint: PROTOCOL_HINT,
        },
      );
    }
  }

  protected async create(transaction: Transaction, table: NewExternalTable): Promise<void> {
    await transaction.execute({
      name: 'createExternalTable',
      text: `create external temporary table ${table.name} (${table.columns})
location (${literal(this.#location(table.folder))})
format 'csv' (delimiter ',' null '' quote '"' escape '"' newline 'LF')
encoding 'UTF8'`,
    });
  }

  #location(folder: string): string {
    const { s3, options } = this.#context;
    const { config, configServer, section } = options.greenplum;
    const words = [
      s3Url(s3.endpoint, s3.bucket, folder),
      config === undefined ? '' : `config=${config}`,
      configServer === undefined ? '' : `config_server=${configServer}`,
      section === undefined ? '' : `section=${section}`,
      `region=${s3.region}`,
    ];
    return words.filter((word) => word !== '').join(' ');
  }
}
