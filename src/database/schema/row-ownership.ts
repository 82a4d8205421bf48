/**
 * Whose the rows of relyt_sys are, as policies. Landed migrations are made of these texts: what is to be different is a
 * new migration with texts of its own.
 */

/**
 * The row belongs to the role, or to one whose rights it has. No function runs per row: the list of roles is made once a
 * statement, and only if it meets a row of another role. A role that is dropped is in no list, and raises nothing.
 */
export const OWN_ROW = `owner_role operator(pg_catalog.=) current_user
    or owner_role operator(pg_catalog.=) any (array(
      select r.rolname from pg_catalog.pg_roles r where pg_catalog.pg_has_role(r.oid, 'usage')))`;

/** A row of `table` is under a task that this role may change, and has the owner of that task. */
export const underOwnTask = (table: string): string => `exists (
    select from relyt_sys.relyt_loader_task t
    where t.process_id operator(pg_catalog.=) ${table}.process_id
      and t.owner_role operator(pg_catalog.=) ${table}.owner_role)`;

/** The role may insert into the main table of the row, `schema.table`. One list a statement, here too. */
export const LOADS_MAIN_TABLE = `main_table operator(pg_catalog.=) any (array(
      select pg_catalog.format('%s.%s', n.nspname, c.relname)
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
      where c.relkind operator(pg_catalog.=) any ('{r,p}'::pg_catalog."char"[])
        and pg_catalog.has_table_privilege(c.oid, 'insert')))`;

/** Adds `owner_role`. Rows that are there become the installer's, or that of `before`: SQL for one role or NULL. */
export function addOwner(table: string, before: string): string {
  return `
do $$
declare
  owner_before name;
begin
  if exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid operator(pg_catalog.=) 'relyt_sys.${table}'::pg_catalog.regclass
      and a.attname operator(pg_catalog.=) 'owner_role' and not a.attisdropped
  ) then
    return;
  end if;
  alter table relyt_sys.${table} add column owner_role name not null default current_user;
  owner_before := (${before});
  if owner_before is not null then
    update relyt_sys.${table} set owner_role = owner_before;
  end if;
end $$;
`;
}

export interface Policy {
  readonly table: string;
  /** All commands by default. */
  readonly command?: 'select' | 'insert' | 'update' | 'delete';
  /** Which rows are seen and may be changed. */
  readonly using?: string;
  /** Which rows may be written. */
  readonly check?: string;
  /** Must hold besides what another policy allows. */
  readonly restrictive?: true;
}

export function policyName({ command }: Policy): string {
  return `relyt_loader_${command ?? 'all'}`;
}

/** Switches row-level security on and creates the policy again. The owner of the table is exempt: it administers. */
export function policySql(policy: Policy): string {
  const { table, command, using, check, restrictive } = policy;
  const name = policyName(policy);
  return `
alter table relyt_sys.${table} enable row level security;
drop policy if exists ${name} on relyt_sys.${table};
create policy ${name} on relyt_sys.${table}${restrictive ? ' as restrictive' : ''} for ${command ?? 'all'} to public${
    using === undefined ? '' : `\n  using (${using})`
  }${check === undefined ? '' : `\n  with check (${check})`};
`;
}
