import type { Dialect } from '../../core/dialect.ts';
import { grantLike } from './grant-like.ts';
import { OWN_ROW, type Policy, policySql, underOwnTask } from './row-ownership.ts';

const TASK = 'relyt_loader_task';
const IMPORT = 'relyt_loader_import';
const MARKER = 'relyt_loader_marker';

/**
 * By what a loader sees that the database went back in time: how many files are frozen, which tables an import wrote to,
 * and, for unlogged ones, a row that a crash takes away together with theirs. NULL in rows of an older version. May run
 * again; Greenplum 6 has no `add column if not exists`.
 */
export const standing = (dialect: Dialect): string =>
  [
    addColumn(TASK, 'frozen_files', 'bigint'),
    addColumn(IMPORT, 'target_oid', 'bigint'),
    addColumn(IMPORT, 'auxiliary_oid', 'bigint'),
    addColumn(IMPORT, 'marker', 'text'),
    markers(dialect),
    GRANT_LOADERS,
    dialect.rowSecurity ? policySql(markerPolicy(dialect)) : '',
  ].join('');

/** On segments a policy cannot look at another table. */
export function markerPolicy({ distributed }: Dialect): Policy {
  return { table: MARKER, using: OWN_ROW, check: distributed ? OWN_ROW : underOwnTask(MARKER) };
}

function addColumn(table: string, column: string, type: string): string {
  return `
do $$
begin
  if not exists (
    select 1 from pg_catalog.pg_attribute a
    where a.attrelid operator(pg_catalog.=) 'relyt_sys.${table}'::pg_catalog.regclass
      and a.attname operator(pg_catalog.=) '${column}' and not a.attisdropped
  ) then
    alter table relyt_sys.${table} add column ${column} ${type};
  end if;
end $$;
`;
}

/** On segments one row cannot tell what became of the parts of a table: no unlogged table is loaded there. */
function markers({ distributed, tableStorage }: Dialect): string {
  return `
create ${distributed ? '' : 'unlogged '}table if not exists relyt_sys.${MARKER} (
  process_id text not null,
  marker     text not null,
  created_at timestamp with time zone not null,
  owner_role name not null default current_user,
  primary key (process_id, marker)
)${tableStorage('process_id')};
`;
}

/** Roles that could load before: a resume undoes imports whose rows are gone. */
const GRANT_LOADERS = grantLike({
  acl: `select c.relacl as acl, c.relowner as owner from pg_catalog.pg_class c
          where c.oid operator(pg_catalog.=) 'relyt_sys.${IMPORT}'::pg_catalog.regclass`,
  privilege: 'INSERT',
  grants: [`delete on relyt_sys.${IMPORT}`, `select, insert on relyt_sys.${MARKER}`],
});
