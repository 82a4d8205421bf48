import { keepSecret } from '../core/redaction.ts';
import type { RawS3Settings } from '../core/s3-field-reader.ts';
import { classOf, SQLSTATE, SQLSTATE_CLASS } from '../core/sqlstate.ts';
import { RelytError } from '../errors.ts';
import type { Database } from './database.ts';
import { databaseError, failureCode } from './database-error.ts';
import { padded } from './padded-text.ts';
import type { Reader } from './session.ts';
import { SCRIPT_PATH } from './session-rules.ts';
import { ident, type Statement } from './statement.ts';
import {
  callFunction,
  copyGivenSettings,
  createGivenSettings,
  defineFunctionSql,
  deleteSettings,
  type FunctionName,
  functionIsPublic,
  grantFunctionSql,
  LOCK_SETTINGS,
  type OwnerRow,
  ownerOfFunction,
  ownerOfSettings,
  readSettings,
  setSettingSql,
  storeGivenSettings,
  type TrustedConfig,
} from './statements/loader-config.ts';

/** Settings as found, and where: the source is named in errors. */
export interface FoundS3Settings {
  readonly settings: RawS3Settings;
  readonly source: string;
}

/** A place where the settings may be. */
interface Form {
  readonly source: string;
  readonly owner: Statement;
  readonly read: Statement;
}

/** In this order: the function in relyt_sys, the table (facts of the Go SDK's releases). A named function is the only one. */
function formsOf({ loaderConfig, loaderConfigOwner }: TrustedConfig): readonly Form[] {
  const ofFunction = (name: FunctionName): Form => ({
    source: `${name.schema}.${name.name}()`,
    owner: ownerOfFunction(name, loaderConfigOwner),
    read: callFunction(name),
  });
  if (loaderConfig !== undefined) return [ofFunction(loaderConfig)];
  return [
    ofFunction({ schema: 'relyt_sys', name: 'loader_config' }),
    {
      source: 'relyt_sys.sdk_loader_config',
      owner: ownerOfSettings(loaderConfigOwner),
      read: readSettings(),
    },
  ];
}

/** The form is not there, or not for this role: the next one may be. */
const ABSENT: ReadonlySet<string> = new Set([
  SQLSTATE.undefinedTable,
  SQLSTATE.invalidSchemaName,
  SQLSTATE.undefinedFunction,
  SQLSTATE.insufficientPrivilege,
]);

/**
 * Reads the S3 settings of the database, whichever form they have; undefined when there are none.
 * When the role may use none of the forms that exist, that is the error.
 * @throws RelytError OWNER_UNTRUSTED when any role could have made a form: records would go where it says
 */
export async function readLoaderConfig(
  session: Reader,
  trusted: TrustedConfig = {},
): Promise<FoundS3Settings | undefined> {
  const forms = formsOf(trusted);
  const owners = await ownersOf(session, forms);
  let denied: unknown;
  let answered = false;
  for (const [n, { source, read }] of forms.entries()) {
    try {
      const found = owners[n]?.();
      if (found === undefined) continue;
      if (!found.trusted) throw untrusted(`${source} belongs to ${JSON.stringify(found.owner)}`);
      const [row] = await session.query<{ config: RawS3Settings | null }>(read);
      const config = row?.config;
      answered = true;
      if (config && Object.values(config).some((value) => value !== null)) {
        keepSecretsOf(config);
        return { settings: config, source };
      }
    } catch (error) {
      const code = failureCode(error);
      if (code === undefined || !ABSENT.has(code)) throw unreadable(error, source);
      if (code === SQLSTATE.insufficientPrivilege) denied ??= unreadable(error, source);
    }
  }
  if (denied !== undefined && !answered) throw denied;
  return undefined;
}

/** Asks for all of them at once. Each throws what its question came to. */
async function ownersOf(
  session: Reader,
  forms: readonly Form[],
): Promise<readonly (() => OwnerRow | undefined)[]> {
  const asked = forms.map(({ owner }) => session.query<OwnerRow>(owner));
  return (await Promise.allSettled(asked)).map((outcome) => () => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value[0];
  });
}

function untrusted(what: string): RelytError {
  return new RelytError(
    'OWNER_UNTRUSTED',
    `${what}, which is neither a superuser nor the owner of the schema relyt_sys.`,
  );
}

/** LOADER_CONFIG() itself converts the whole numbers, so a row that is none fails in there. */
function unreadable(error: unknown, source: string): RelytError {
  const failure = databaseError(error, `read the S3 settings from ${source}`);
  if (classOf(failureCode(error) ?? '') !== SQLSTATE_CLASS.dataException) return failure;
  return new RelytError('LOADER_CONFIG_INVALID', failure.message, {
    hint: 'Correct the row in relyt_sys.sdk_loader_config.',
    details: failure.details,
    cause: failure.cause,
  });
}

export interface LoaderConfigChange extends TrustedConfig {
  /** Settings to write over what is there; none: LOADER_CONFIG() is only made where it is missing. */
  readonly settings: RawS3Settings;
  /** Roles that may read the settings. */
  readonly roles: readonly string[];
}

/**
 * Writes S3 settings and defines LOADER_CONFIG() over them, in one transaction. Values travel as padded
 * COPY data, so that the secret is in no statement and no parameter the server may log.
 *
 * @returns whether LOADER_CONFIG() could be called by everybody until now.
 */
export async function writeLoaderConfig(
  database: Database,
  change: LoaderConfigChange,
): Promise<{ readonly wasPublic: boolean }> {
  const settings = givenSettings(change.settings);
  keepSecretsOf(change.settings);
  const replace = settings.length > 0;
  try {
    return await database.transaction(async (transaction) => {
      await transaction.execute({ name: 'lockSettings', text: LOCK_SETTINGS });
      const [before] = await transaction.query<{ public: boolean }>(functionIsPublic());
      await transaction.execute({
        name: 'defineFunction',
        text: defineFunctionSql(replace, change),
      });
      if (replace) {
        await transaction.execute(deleteSettings(settings.map(([name]) => name)));
        const lines = settings.map(([name, value]) => `${name}\t${copyText(padded(value))}\n`);
        await transaction.execute(createGivenSettings());
        await transaction.copyIn(copyGivenSettings(), lines.join(''));
        await transaction.execute(storeGivenSettings());
      }
      for (const role of change.roles)
        await transaction.execute({ name: 'grantFunction', text: grantFunctionSql(ident(role)) });
      return { wasPublic: replace && before?.public === true };
    });
  } catch (error) {
    if (failureCode(error) === SQLSTATE.untrustedOwner && error instanceof Error)
      throw untrusted(error.message);
    throw databaseError(error, 'write the S3 settings');
  }
}

/** What `writeLoaderConfig` does, as a script for an administrator; the secret must be filled in by hand. */
export function loaderConfigScript(change: LoaderConfigChange): string {
  const settings = givenSettings(change.settings);
  const values = settings.map(([name, value]) =>
    name === 'secret_key' && value !== ''
      ? `-- fill in the secret and run:\n${commented(setSettingSql(name, '<secret access key>'))}`
      : setSettingSql(name, value),
  );
  return [
    '-- S3 settings: LOADER_CONFIG()',
    'begin;',
    SCRIPT_PATH,
    `${LOCK_SETTINGS};`,
    `${defineFunctionSql(settings.length > 0, change)};`,
    ...values,
    ...change.roles.map((role) => `${grantFunctionSql(ident(role))};`),
    'commit;',
    '',
  ].join('\n');
}

function keepSecretsOf({ secret_key, session_token }: RawS3Settings): void {
  const texts = [secret_key, session_token].filter((value) => typeof value === 'string');
  keepSecret(...texts.map((text) => text.trim()));
}

function givenSettings(settings: RawS3Settings): [name: string, value: string][] {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [name, String(value)]);
}

/** A value of several lines stays a comment, too. */
function commented(sql: string): string {
  return sql
    .split('\n')
    .map((line) => `--   ${line}`)
    .join('\n');
}

/** Escapes a value for COPY's text format. */
function copyText(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}
