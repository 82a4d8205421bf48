import { type LoaderRight, loaderRights } from '../database/schema/loader-rights.ts';
import type { Statement } from '../database/statement.ts';

/** A right that a role needs on an object of relyt_sys. */
export interface RequiredRight {
  readonly kind: LoaderRight['kind'];
  readonly object: string;
  readonly privilege: string;
}

/** Exactly what `relyt init --role` grants. */
export function requiredRights(engine: string): readonly RequiredRight[] {
  return loaderRights(engine).flatMap(({ kind, privileges, objects }) =>
    objects.flatMap((object) => privileges.map((privilege) => ({ kind, object, privilege }))),
  );
}

/** Whether the role of the session may create objects in a schema. */
export const mayCreateIn = (schema: string): Statement => ({
  name: 'mayCreateIn',
  text: `select has_schema_privilege($1, 'create') as allowed`,
  values: [schema],
});

/** Those of the rights that the role of the session does not have, or whose object is missing. */
export const missingRights = (rights: readonly RequiredRight[]): Statement => ({
  name: 'missingRights',
  text: `select need.kind, need.object, need.privilege
from unnest($1::text[], $2::text[], $3::text[]) as need (kind, object, privilege)
where not coalesce(case need.kind
  when 'schema' then (
    select has_schema_privilege(s.oid, need.privilege) from pg_catalog.pg_namespace s where s.nspname = need.object)
  when 'table' then (
    select has_table_privilege(c.oid, need.privilege)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace s on s.oid = c.relnamespace
    where s.nspname || '.' || c.relname = need.object)
  else (
    select bool_or(has_function_privilege(p.oid, need.privilege))
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace s on s.oid = p.pronamespace
    where s.nspname || '.' || p.proname = need.object)
end, false)`,
  values: [
    rights.map(({ kind }) => kind),
    rights.map(({ object }) => object),
    rights.map(({ privilege }) => privilege),
  ],
});
