/** Settings of role and database that could change what our statements do, with values that would. */

import pg from 'pg';
import type { TestDatabase } from '../../support/database.ts';
import { majorOf, type TestServer } from '../../support/stack.ts';

interface OddSetting {
  readonly name: string;
  readonly value: string;
  /** The first version that knows it. */
  readonly since?: number;
}

const ODD_SETTINGS: readonly OddSetting[] = [
  { name: 'array_nulls', value: 'off' },
  { name: 'bytea_output', value: 'escape' },
  { name: 'datestyle', value: 'SQL, DMY' },
  { name: 'intervalstyle', value: 'sql_standard' },
  { name: 'extra_float_digits', value: '-15' },
  { name: 'xmloption', value: 'document' },
  { name: 'xmlbinary', value: 'hex' },
  { name: 'standard_conforming_strings', value: 'off' },
  { name: 'backslash_quote', value: 'off' },
  { name: 'synchronous_commit', value: 'off' },
  { name: 'row_security', value: 'off' },
  { name: 'default_transaction_isolation', value: 'serializable' },
  { name: 'default_transaction_deferrable', value: 'on' },
  { name: 'statement_timeout', value: '500ms' },
  { name: 'lock_timeout', value: '1ms' },
  { name: 'idle_in_transaction_session_timeout', value: '1ms' },
  { name: 'transaction_timeout', value: '500ms', since: 17 },
  { name: 'quote_all_identifiers', value: 'on' },
  { name: 'restrict_nonsystem_relation_kind', value: 'foreign-table' },
  { name: 'transform_null_equals', value: 'on' },
  { name: 'exit_on_error', value: 'on' },
  { name: 'plpgsql.extra_errors', value: 'all' },
  { name: 'plpgsql.variable_conflict', value: 'use_variable' },
  { name: 'default_table_access_method', value: 'nowhere' },
  { name: 'check_function_bodies', value: 'off' },
  { name: 'client_encoding', value: 'LATIN1' },
  { name: 'application_name', value: 'theirs' },
  { name: 'client_min_messages', value: 'debug1' },
  { name: 'log_parameter_max_length_on_error', value: '-1', since: 13 },
  { name: 'gin_fuzzy_search_limit', value: '1' },
  { name: 'stats_fetch_consistency', value: 'snapshot', since: 15 },
  { name: 'track_activities', value: 'off' },
  // Unlikely plans: rows come in another order.
  { name: 'enable_seqscan', value: 'off' },
  { name: 'enable_hashjoin', value: 'off' },
  { name: 'enable_nestloop', value: 'off' },
  { name: 'plan_cache_mode', value: 'force_generic_plan' },
  { name: 'constraint_exclusion', value: 'on' },
];

/** The search path is among them: every load of these tests has an odd one. */
export const TRIED_SETTINGS: readonly string[] = [
  'search_path',
  ...ODD_SETTINGS.map(({ name }) => name),
];

/**
 * Sets all that the server knows, and a search path.
 * @param whose for example `role "x"`
 */
export async function setOddly(
  database: TestDatabase<TestServer>,
  whose: string,
  { path = 'nowhere' }: { readonly path?: string } = {},
): Promise<void> {
  const major = majorOf(database.server);
  const known = ODD_SETTINGS.filter(({ since = 0 }) => since <= major);
  for (const { name, value } of [...known, { name: 'search_path', value: path }])
    await database.query(`alter ${whose} set ${name} = ${pg.escapeLiteral(value)}`);
}
