import { requireOwnSchema } from './own-schema.ts';
import { literal, type Statement } from './statement.ts';

/** Where names in our SQL are looked up. `pg_temp` is named, because it would come first otherwise. */
const OWN_PATH = 'pg_catalog, pg_temp';

/** Where a transaction keeps the search path the role would have had: code of its tables runs under that one. */
const ROLE_PATH_SETTING = 'relyt_loader.role_path';

/** The same in a script, for the role that runs it: its names must not be looked up where any role may create. */
export const SCRIPT_PATH = `set local search_path = ${OWN_PATH};`;

/** SQL that is safe under any search path: the one of the role, as it was when the transaction began. */
const ROLE_PATH = `pg_catalog.current_setting('${ROLE_PATH_SETTING}')`;

/**
 * Settings of role and database that would change what our statements mean, return or are allowed to take. Those by
 * which text is read as COPY would read it are none of them (`statements/reading.ts`), nor is where tables are stored,
 * nor `default_transaction_read_only`, by which a provider stops writing to a full disk.
 */
const RULES: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  array_nulls: 'on',
  bytea_output: 'hex',
  check_function_bodies: 'on',
  default_table_access_method: 'heap',
  default_with_oids: 'off',
  exit_on_error: 'off',
  extra_float_digits: '3',
  gin_fuzzy_search_limit: '0',
  idle_in_transaction_session_timeout: '0',
  lock_timeout: '0',
  quote_all_identifiers: 'off',
  restrict_nonsystem_relation_kind: '',
  row_security: 'on',
  sql_inheritance: 'on',
  standard_conforming_strings: 'on',
  statement_timeout: '0',
  track_counts: 'on',
  transaction_timeout: '0',
  transform_null_equals: 'off',
  xmlbinary: 'base64',
  xmloption: 'content',
};

/** Every setting of the rules, for an import that is shown without a server. */
export const RULED_SETTINGS: readonly string[] = Object.keys(RULES);

/** Not in pg_settings before PL/pgSQL is loaded, and known to every server: warnings as errors would stop our blocks. */
const PLPGSQL_RULE = `pg_catalog.set_config('plpgsql.extra_errors', 'none', true)`;

/** Without it a crash of the server takes back what it had confirmed (G1). Stronger values stay. */
const MAKE_DURABLE = `case when pg_catalog.current_setting('synchronous_commit') operator(pg_catalog.=) 'off'
            then pg_catalog.set_config('synchronous_commit', 'on', true) end`;

/** SQL of statements around code of the role's tables, triggers for example; all of it is safe under any search path. */
export const TAKE_ROLE_PATH = `pg_catalog.set_config('search_path', ${ROLE_PATH}, true)`;
export const TAKE_OWN_PATH = `pg_catalog.set_config('search_path', '${OWN_PATH}', true)`;

/** Until the last of them has run, names are looked up where the role says: all are written with their schema. */
const PINNED: readonly Statement[] = [
  // What is read after waiting for a lock must be what is there then, whatever the role is set to.
  { name: 'begin', text: 'begin isolation level read committed' },
  {
    name: 'keepRolePath',
    text: `select pg_catalog.set_config('${ROLE_PATH_SETTING}', pg_catalog.current_setting('search_path'), true)`,
  },
  {
    name: 'takeOwnPath',
    text: `select ${TAKE_OWN_PATH}, ${PLPGSQL_RULE},
       ${MAKE_DURABLE}`,
  },
];

/** What the first transaction of a connection says of its server: a row for each rule. */
export interface FirstBegin {
  /** A setting of the rules that the server knows and this role may set. */
  readonly name: string;
  /** The process that runs the transaction. */
  readonly pid: number;
}

/**
 * The first transaction of a connection: as `begin`, but it is the server that says which settings of the rules there
 * are. Its last answer is that.
 */
export const beginFirst = (): readonly Statement[] => [
  ...PINNED,
  requireOwnSchema(),
  {
    name: 'beginFirst',
    text: `select s.name::text as name, pg_backend_pid() as pid, set_config(s.name, r.value, true)
from (values ${ruleValues(RULED_SETTINGS)}) r (name, value)
join pg_catalog.pg_settings s on s.name = r.name
where s.context = 'user' or s.context = 'superuser' and exists (
  select from pg_catalog.pg_roles o where o.rolname = current_user and o.rolsuper)`,
  },
];

/**
 * Begins a transaction in which no setting of role or database counts. All of it is LOCAL: behind a transaction pooler
 * nothing else would hold.
 * @param settings those that `beginFirst` found
 */
export const begin = (settings: readonly string[]): readonly Statement[] => [
  ...PINNED,
  {
    name: 'takeRules',
    text: `select set_config(r.name, r.value, true)
from (values ${ruleValues(settings)}) r (name, value)`,
  },
];

function ruleValues(settings: readonly string[]): string {
  const rows = settings.map((name) => `(${literal(name)}, ${literal(RULES[name] ?? '')})`);
  return rows.join(',\n             ');
}

/** The same, with the session's own tables before all others: for who looks a table of ours up by its bare name. */
export const TAKE_ROLE_PATH_AFTER_TEMP = `pg_catalog.set_config('search_path', pg_catalog.rtrim(pg_catalog.concat('pg_temp, ', ${ROLE_PATH}), ', '), true)`;

export const takeRolePath = (): Statement => ({
  name: 'takeRolePath',
  text: `select ${TAKE_ROLE_PATH}`,
});

/** Deferred triggers run at the commit, under the search path of the role. */
export const COMMIT: readonly Statement[] = [takeRolePath(), { name: 'commit', text: 'commit' }];
