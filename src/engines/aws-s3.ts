import type { S3Settings } from '../core/s3-settings.ts';
import { databaseError } from '../database/database-error.ts';
import { padded } from '../database/padded-text.ts';
import { underRolePathAfterTemp } from '../database/role-path.ts';
import type { Session, Transaction } from '../database/session.ts';
import { readRowSum } from '../database/statements/row-sum.ts';
import { RelytError } from '../errors.ts';
import { awsS3Failure, grantHint, INSTALL_HINT } from './aws-s3-failure.ts';
import {
  type CallForm,
  copyKeys,
  createKeysTable,
  dropKeysTable,
  type FunctionRight,
  importObject,
  rightsOn,
} from './aws-s3-statements.ts';
import type { ExternalFiles, S3Context, StagedObject } from './engine.ts';
import { type EngineProfile, PROFILES } from './profiles.ts';
import { checkRowSum, miscounted } from './staged-sum.ts';
import { createStagedTable, STAGED_TABLE, TemporaryTableEngine } from './temporary-table.ts';

/**
 * Amazon RDS and Aurora: the extension aws_s3 copies one object at a time into a temporary table, in the import's
 * transaction. It unpacks an object by its Content-Encoding, which the staging sets.
 */
export class AwsS3Engine extends TemporaryTableEngine {
  readonly profile: EngineProfile = PROFILES.awsS3;
  readonly #s3: S3Settings;
  readonly #form: CallForm;

  constructor({ s3, options }: S3Context) {
    super();
    this.#s3 = s3;
    const { endpointUrl } = options.awsS3;
    this.#form = { withKeys: s3.credentials.kind === 'keys', endpointUrl };
  }

  async prepare(session: Session): Promise<void> {
    this.#refuseOtherStores();
    const rights = await session
      .query<FunctionRight>(rightsOn(this.#form))
      .catch((error: unknown) => {
        throw databaseError(error, 'look for the extension aws_s3');
      });
    refuseStrangers(rights);
    const missing = rights.find(({ found }) => !found);
    if (missing !== undefined) {
      throw new RelytError(
        'ENGINE_UNSUPPORTED',
        `The database cannot import from S3: it has no function ${missing.name} with the required arguments.`,
        { hint: INSTALL_HINT },
      );
    }
    const forbidden = rights.find(({ allowed }) => !allowed);
    if (forbidden !== undefined) {
      throw new RelytError(
        'DATABASE_PERMISSION_DENIED',
        `The role ${forbidden.role} is not allowed to call ${forbidden.name}.`,
        { hint: grantHint(forbidden.role) },
      );
    }
  }

  async open(transaction: Transaction, files: ExternalFiles): Promise<string> {
    await transaction.execute(createStagedTable(files));
    await this.#handOverKeys(transaction);
    await underRolePathAfterTemp(transaction, async () => {
      for (const file of files.files) await this.#import(transaction, file);
    });
    if (this.#form.withKeys) await transaction.execute(dropKeysTable());
    // The extension does not say which objects S3 gave it. Rows as text are summed by the isolation that stages them.
    if (!files.asText) checkRowSum(files.files, await readRowSum(transaction, STAGED_TABLE));
    return STAGED_TABLE;
  }

  /** The extension would ask Amazon for the bucket, and show it keys that are not for Amazon. */
  #refuseOtherStores(): void {
    if (this.#s3.isAws || this.#form.endpointUrl !== undefined) return;
    throw new RelytError(
      'ENGINE_UNSUPPORTED',
      `The extension aws_s3 reads only from Amazon S3, and files are staged at ${this.#s3.endpoint}.`,
      { hint: "Stage in Amazon S3, or load with the engine 'copy', which works with any S3." },
    );
  }

  /** As padded COPY data, of which no log shows more than the padding, and gone before anything is inserted. */
  async #handOverKeys(transaction: Transaction): Promise<void> {
    const { credentials } = this.#s3;
    if (credentials.kind !== 'keys') return;
    const { accessKey, secretKey, sessionToken = '' } = credentials;
    const fields = [accessKey, secretKey, sessionToken].map(
      (field) => `"${padded(field).replaceAll('"', '""')}"`,
    );
    await transaction.execute(createKeysTable());
    await transaction.copyIn(copyKeys(), `${fields.join(',')}\n`);
  }

  async #import(transaction: Transaction, file: StagedObject): Promise<void> {
    const statement = importObject(this.#form, this.#s3, file.key);
    const [row] = await transaction.query<{ said: string }>(statement).catch((error: unknown) => {
      throw awsS3Failure(error, { key: file.key, secrets: this.#secrets() }) ?? error;
    });
    const said = row?.said ?? '';
    const rows = importedRows(said);
    if (rows === file.records) return;
    if (rows !== undefined) throw miscounted(file, rows);
    throw new RelytError(
      'ENGINE_UNSUPPORTED',
      `aws_s3.table_import_from_s3 does not say how many rows of ${file.key} it imported, but ${JSON.stringify(said)}.`,
      { hint: "Load with the engine 'copy', or report this text." },
    );
  }

  #secrets(): string[] {
    const { credentials } = this.#s3;
    if (credentials.kind !== 'keys') return [];
    return [credentials.secretKey, credentials.sessionToken ?? ''];
  }
}

/**
 * Rows that a call imported, by what it returns: `N rows imported into relation "t" from file f of B bytes` of the
 * real extension, or the bare number of some emulations. Undefined for any other text.
 */
export function importedRows(said: string): number | undefined {
  const number = /^(\d+)(?: rows? imported into relation .*)?$/s.exec(said.trim())?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Before anything else is told of them: keys and records would go where that function says. */
function refuseStrangers(rights: readonly FunctionRight[]): void {
  for (const { name, stranger } of rights) {
    if (stranger === null) continue;
    throw new RelytError(
      'OWNER_UNTRUSTED',
      `${name} belongs to ${JSON.stringify(stranger)}, and not to the extension aws_s3.`,
      {
        hint: `Have an administrator look at what that role made in the schemas aws_s3 and aws_commons, drop it, and run CREATE EXTENSION aws_s3 CASCADE; or load with the engine 'copy'.`,
      },
    );
  }
}
