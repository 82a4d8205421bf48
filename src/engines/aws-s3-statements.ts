import type { S3Settings } from '../core/s3-settings.ts';
import { unpadded } from '../database/padded-text.ts';
import type { Statement } from '../database/statement.ts';

/** Which of the extension's functions an import calls. */
export interface CallForm {
  /** Keys are handed over; otherwise the IAM role of the instance is used. */
  readonly withKeys: boolean;
  /** Only emulations take one. */
  readonly endpointUrl: string | undefined;
}

/** What a function of the extension is for this role. */
export interface FunctionRight {
  readonly name: string;
  readonly role: string;
  readonly found: boolean;
  readonly allowed: boolean;
  /** Owner of a function of this name that is neither a superuser's nor of the extension; null where there is none. */
  readonly stranger: string | null;
}

/**
 * Functions that have a name of the extension and another owner. A role that may create schemas can create them where the
 * extension is missing, and the owner of its schema can create overloads. An import would give them the keys.
 */
const STRANGERS = `pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_roles r on r.oid = p.proowner
  where n.nspname in ('aws_s3', 'aws_commons')
    and p.proname in ('table_import_from_s3', 'create_s3_uri', 'create_aws_credentials')
    and not r.rolsuper and not exists (
      select 1 from pg_catalog.pg_depend d join pg_catalog.pg_extension x on x.oid = d.refobjid
      where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        and d.refclassid = 'pg_catalog.pg_extension'::regclass and x.extname in ('aws_s3', 'aws_commons'))`;

/** SQL: whether the extension is there, and all that bears its names is its own. */
export const HAS_AWS_S3 = `exists (
         select 1 from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where n.nspname = 'aws_s3' and p.proname = 'table_import_from_s3'
       ) and not exists (select 1 from ${STRANGERS})`;

/** The extension looks the name up itself; not all of its versions may take one with a schema. */
const TABLE = 'relyt_loader_external';
const OPTIONS = "(format csv, encoding 'UTF8')";
const KEYS_TABLE = 'pg_temp.relyt_loader_keys';

export const createKeysTable = (): Statement => ({
  name: 'createKeysTable',
  text: `create temporary table relyt_loader_keys (access_key text, secret_key text, session_token text)
on commit drop`,
});

export const dropKeysTable = (): Statement => ({
  name: 'dropKeysTable',
  text: `drop table ${KEYS_TABLE}`,
});

const KEYS = ['k.access_key', 'k.secret_key', 'k.session_token'].map(unpadded).join(', ');

/** For the keys as one line of CSV, each of them padded. */
export const copyKeys = (): Statement => ({
  name: 'copyKeys',
  text: `copy ${KEYS_TABLE} from stdin (format csv)`,
});

/**
 * Imports one object and returns what the function says, as `said`. Keys come out of their table, never out of the
 * statement or its parameters, which the server may log. All columns of the table are staged, in its order.
 */
export function importObject(form: CallForm, s3: S3Settings, key: string): Statement {
  const place = [TABLE, OPTIONS, s3.bucket, key, s3.region];
  const { endpointUrl } = form;
  const from = form.withKeys ? `\nfrom ${KEYS_TABLE} k` : '';
  if (endpointUrl !== undefined) {
    const keys = form.withKeys
      ? KEYS
      : 'null::pg_catalog.text, null::pg_catalog.text, null::pg_catalog.text';
    return {
      name: 'importObject',
      text: `select aws_s3.table_import_from_s3($1::pg_catalog.text, ''::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.text, $4::pg_catalog.text, $5::pg_catalog.text,
  ${keys}, $6::pg_catalog.text)::pg_catalog.text as said${from}`,
      values: [...place, endpointUrl],
    };
  }
  const keys = form.withKeys ? `, aws_commons.create_aws_credentials(${KEYS})` : '';
  return {
    name: 'importObject',
    text: `select aws_s3.table_import_from_s3($1::pg_catalog.text, ''::pg_catalog.text, $2::pg_catalog.text,
  aws_commons.create_s3_uri($3::pg_catalog.text, $4::pg_catalog.text, $5::pg_catalog.text)${keys})::pg_catalog.text as said${from}`,
    values: place,
  };
}

/** The functions `importObject` calls, whether they are there, and whether this role may call them. */
export function rightsOn(form: CallForm): Statement {
  const needs = functionsOf(form);
  return {
    name: 'rightsOn',
    text: `select need.schema || '.' || need.name as name, pg_catalog.quote_ident(current_user) as role,
       coalesce(f.found, false) as found,
       coalesce(f.executable and pg_catalog.has_schema_privilege(s.oid, 'usage'), false) as allowed,
       (select r.rolname::text from ${STRANGERS} and n.oid = s.oid and p.proname = need.name order by 1 limit 1) as stranger
from unnest($1::text[], $2::text[], $3::int[]) with ordinality as need (schema, name, arguments, n)
left join pg_catalog.pg_namespace s on s.nspname = need.schema
left join lateral (
  select true as found, bool_or(pg_catalog.has_function_privilege(p.oid, 'execute')) as executable
  from pg_catalog.pg_proc p
  where p.pronamespace = s.oid and p.proname = need.name
    and need.arguments between p.pronargs - p.pronargdefaults and p.pronargs
  having count(*) > 0
) f on true
order by need.n`,
    values: [
      needs.map(({ schema }) => schema),
      needs.map(({ name }) => name),
      needs.map(({ count }) => count),
    ],
  };
}

function functionsOf({ withKeys, endpointUrl }: CallForm) {
  const importing = (count: number) => ({ schema: 'aws_s3', name: 'table_import_from_s3', count });
  const helper = (name: string) => ({ schema: 'aws_commons', name, count: 3 });
  if (endpointUrl !== undefined) return [importing(10)];
  return withKeys
    ? [importing(5), helper('create_s3_uri'), helper('create_aws_credentials')]
    : [importing(4), helper('create_s3_uri')];
}
