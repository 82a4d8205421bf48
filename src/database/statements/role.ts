import type { Statement } from '../statement.ts';

/** Those of the names that a role has. PUBLIC is everybody, and can be granted to. */
export const rolesNamed = (names: readonly string[]): Statement => ({
  name: 'rolesNamed',
  text: `select rolname::text as name from pg_catalog.pg_roles where rolname = any($1::text[])
union select 'public' where 'public' = any($1::text[])`,
  values: [names],
});

/** Whether this role may create schemas in the database. */
export const mayCreateSchema = (): Statement => ({
  name: 'mayCreateSchema',
  text: `select pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') as allowed`,
});
