import type { RawS3Settings } from '../core/s3-settings.ts';
import type { Database, Session } from './database.ts';
import { databaseError, failureCode } from './database-error.ts';
import type { Statement } from './statement.ts';

/** Settings as found, and where: the source is named in errors. */
export interface FoundS3Settings {
  readonly settings: RawS3Settings;
  readonly source: string;
}

/** The row as JSON: early databases have six or eight columns, the newest ten. */
const callFunction = (name: string): Statement => ({
  text: `select row_to_json(c) as config from ${name}() c`,
});

const readTable = (): Statement => ({
  text: `select json_object(array_agg(lower(config_name)), array_agg(config_value)) as config
from relyt_sys.sdk_loader_config having count(*) > 0`,
});

/** In this order: the function in relyt_sys, the table, the function on the search path (facts of the Go SDK's releases). */
const FORMS: readonly { readonly source: string; readonly statement: Statement }[] = [
  { source: 'relyt_sys.loader_config()', statement: callFunction('relyt_sys.loader_config') },
  { source: 'relyt_sys.sdk_loader_config', statement: readTable() },
  { source: 'loader_config()', statement: callFunction('loader_config') },
];

/** Undefined table, schema, function; and a right that is missing: the next form may be there. */
const ABSENT = new Set(['42P01', '3F000', '42883', '42501']);

/**
 * Reads the S3 settings of the database, whichever form they have; undefined when there are none.
 * When the only form there is one the role may not use, that is the error.
 */
export async function readLoaderConfig(session: Session): Promise<FoundS3Settings | undefined> {
  let denied: unknown;
  for (const { source, statement } of FORMS) {
    try {
      const [row] = await session.query<{ config: RawS3Settings | null }>(statement);
      const config = row?.config;
      if (config && Object.values(config).some((value) => value !== null))
        return { settings: config, source };
    } catch (error) {
      const code = failureCode(error);
      if (code === undefined || !ABSENT.has(code))
        throw databaseError(error, `read the S3 settings from ${source}`);
      if (code === '42501') denied ??= databaseError(error, `read the S3 settings from ${source}`);
    }
  }
  if (denied !== undefined) throw denied;
  return undefined;
}

const clearTable = (): Statement => ({ text: 'delete from relyt_sys.sdk_loader_config' });

/**
 * The secret stays in a table only its owner may read; the function, with its owner's rights, is what
 * roles are granted. A function body would be readable by everybody, in pg_proc.
 */
const defineType = (): Statement => ({
  text: `do $$
begin
  if to_regtype('relyt_sys.loader_s3_config') is null then
    create type relyt_sys.loader_s3_config as (
      endpoint text, region text, bucket_name text, prefix text, access_key text, secret_key text,
      concurrency int, part_size int, import_timeout int, import_error_sleep_time int
    );
  end if;
  if exists (
    select from pg_catalog.pg_proc
    where oid = to_regprocedure('relyt_sys.loader_config()') and prorettype <> to_regtype('relyt_sys.loader_s3_config')
  ) then
    drop function relyt_sys.loader_config();
  end if;
end $$`,
});

const defineFunction = (): Statement => ({
  text: `create or replace function relyt_sys.loader_config() returns relyt_sys.loader_s3_config
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select max(config_value) filter (where name = 'endpoint'),
         max(config_value) filter (where name = 'region'),
         max(config_value) filter (where name = 'bucket_name'),
         max(config_value) filter (where name = 'prefix'),
         max(config_value) filter (where name = 'access_key'),
         max(config_value) filter (where name = 'secret_key'),
         max(config_value::int) filter (where name = 'concurrency'),
         max(config_value::int) filter (where name = 'part_size'),
         max(config_value::int) filter (where name = 'import_timeout'),
         max(config_value::int) filter (where name = 'import_error_sleep_time')
  from (select lower(config_name) as name, config_value from relyt_sys.sdk_loader_config) c
$$`,
});

const hideFunction = (): Statement => ({
  text: 'revoke execute on function relyt_sys.loader_config() from public',
});

/**
 * Writes the S3 settings and defines LOADER_CONFIG() over them, in one transaction. Values travel as COPY
 * data, so that the secret is in no statement and no parameter the server may log.
 */
export async function writeLoaderConfig(
  database: Database,
  settings: RawS3Settings,
  grants: readonly string[],
): Promise<void> {
  const lines = Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}\t${copyText(String(value))}\n`);
  try {
    await database.transaction(async (transaction) => {
      await transaction.execute(clearTable());
      await transaction.copyIn(
        'copy relyt_sys.sdk_loader_config (config_name, config_value) from stdin',
        lines.join(''),
      );
      await transaction.execute(defineType());
      await transaction.execute(defineFunction());
      await transaction.execute(hideFunction());
      for (const role of grants) {
        await transaction.execute({
          text: `grant execute on function relyt_sys.loader_config() to ${role}`,
        });
      }
    });
  } catch (error) {
    throw databaseError(error, 'write the S3 settings');
  }
}

/** Escapes a value for COPY's text format. */
function copyText(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}
