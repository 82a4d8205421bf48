/** What a database's catalogue holds beside PostgreSQL's own, to compare before and after. */

import type { TestDatabase } from '../../support/database.ts';
import type { TestServer } from '../../support/stack.ts';

const OWN = '>= 16384';

/** Each row says which object it is, and who may do what with it. */
const QUERIES: Readonly<Record<string, string>> = {
  relations: `select oid::regclass::text as name, relkind, relacl::text, relowner::regrole::text from pg_class
    where oid ${OWN} and relkind <> 't' and relname !~ '^pg_toast'`,
  functions: `select oid::regprocedure::text as name, proacl::text from pg_proc where oid ${OWN}`,
  schemas: `select nspname as name, nspacl::text from pg_namespace where nspname !~ '^pg_(toast_)?temp'`,
  servers: 'select srvname as name, srvacl::text from pg_foreign_server',
  wrappers: 'select fdwname as name, fdwacl::text from pg_foreign_data_wrapper',
  extensions: 'select extname as name, extversion from pg_extension',
  types: `select oid::regtype::text as name, typacl::text from pg_type where oid ${OWN}`,
  policies: `select polname as name, polrelid::regclass::text from pg_policy`,
  triggers: `select tgname as name, tgrelid::regclass::text from pg_trigger where not tgisinternal`,
  defaults: `select defaclrole::regrole::text as name, defaclacl::text from pg_default_acl`,
  constraints: `select conname as name, conrelid::regclass::text from pg_constraint where oid ${OWN}`,
};

export async function catalogueOf(
  database: TestDatabase<TestServer>,
): Promise<Record<string, object[]>> {
  const entries: [string, object[]][] = [];
  for (const [kind, query] of Object.entries(QUERIES))
    entries.push([kind, await database.query(`select * from (${query}) o order by o::text`)]);
  return Object.fromEntries(entries);
}
