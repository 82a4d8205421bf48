import type { Dialect } from '../../core/dialect.ts';
import type { TableName } from '../../core/table-name.ts';
import { ident, literal, qualified, type Statement } from '../statement.ts';

/** What `LIKE` does not copy. */
export interface TableTraits {
  readonly owner: string;
  readonly isOwnedByMe: boolean;
  readonly hasRowSecurity: boolean;
  /** `name=value`, as the catalogue has them. */
  readonly options: readonly string[] | null;
  /** Access method, where it is not the one a new table gets anyway. */
  readonly method: string | null;
}

const regclass = ({ schema, table }: TableName) =>
  `${literal(qualified(schema, table))}::pg_catalog.regclass`;

export const tableTraits = (dialect: Dialect, table: TableName): Statement => {
  const method = `(select am.amname::text from pg_catalog.pg_am am
        where am.oid = c.relam and am.amname <> current_setting('default_table_access_method'))`;
  return {
    name: 'tableTraits',
    text: `select pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       pg_catalog.pg_get_userbyid(c.relowner) = current_user as "isOwnedByMe",
       ${dialect.modernCatalogue ? 'c.relrowsecurity' : 'false'} as "hasRowSecurity",
       c.reloptions as options,
       ${dialect.modernCatalogue ? method : 'null::text'} as method
from pg_catalog.pg_class c where c.oid = ${regclass(table)}`,
  };
};

/**
 * Columns, defaults, constraints, indexes and, where rows are distributed, how. An identity column would get a
 * sequence of its own, and with it numbers that the main table has too.
 */
export const createLike = (
  dialect: Dialect,
  tables: { readonly main: TableName; readonly auxiliary: string },
  { options, method }: TableTraits,
): Statement => {
  const { main, auxiliary } = tables;
  const identity = dialect.modernCatalogue ? ' excluding identity' : '';
  const storage = (options ?? []).map((option) => {
    const at = option.indexOf('=');
    return `${ident(option.slice(0, at))} = ${literal(option.slice(at + 1))}`;
  });
  return {
    name: 'createLike',
    text: [
      `create table ${qualified(main.schema, auxiliary)} (like ${qualified(main.schema, main.table)} including all${identity})`,
      ...(method === null ? [] : [`using ${ident(method)}`]),
      ...(storage.length === 0 ? [] : [`with (${storage.join(', ')})`]),
    ].join(' '),
  };
};

export const foreignKeys = (table: TableName): Statement => ({
  name: 'foreignKeys',
  text: `select con.conname::text as name, pg_catalog.pg_get_constraintdef(con.oid) as definition
from pg_catalog.pg_constraint con
where con.conrelid = ${regclass(table)} and con.contype = 'f' order by con.conname`,
});

export const addConstraint = (
  table: TableName,
  constraint: { readonly name: string; readonly definition: string },
): Statement => ({
  name: 'addConstraint',
  text: `alter table ${qualified(table.schema, table.table)} add constraint ${ident(constraint.name)} ${constraint.definition}`,
});

/** Sequence of an identity column, quoted as SQL. */
export const identitySequence = (table: TableName, column: string): Statement => ({
  name: 'identitySequence',
  text: 'select pg_catalog.pg_get_serial_sequence($1, $2) as sequence',
  values: [qualified(table.schema, table.table), column],
});

export const numberFrom = (table: TableName, column: string, sequence: string): Statement => ({
  name: 'numberFrom',
  text: `alter table ${qualified(table.schema, table.table)} alter column ${ident(column)} set default nextval(${literal(sequence)}::regclass)`,
});

export const setOwner = (
  kind: 'table' | 'view',
  { schema, table }: TableName,
  owner: string,
): Statement => ({
  name: 'setOwner',
  text: `alter ${kind} ${qualified(schema, table)} owner to ${ident(owner)}`,
});

export interface TableGrant {
  /** Null for PUBLIC. */
  readonly role: string | null;
  readonly privilege: string;
  /** For a right on one column. */
  readonly column: string | null;
  readonly grantable: boolean;
}

/** Rights on a table that others than its owner have. */
export const grantsOn = (table: TableName): Statement => ({
  name: 'grantsOn',
  text: `select case when e.grantee <> 0 then pg_catalog.pg_get_userbyid(e.grantee)::text end as role,
       e.privilege_type as privilege, null::text as column, e.is_grantable as grantable
from pg_catalog.pg_class c cross join lateral pg_catalog.aclexplode(c.relacl) e
where c.oid = ${regclass(table)} and e.grantee <> c.relowner
union all
select case when e.grantee <> 0 then pg_catalog.pg_get_userbyid(e.grantee)::text end,
       e.privilege_type, a.attname::text, e.is_grantable
from pg_catalog.pg_class c
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
cross join lateral pg_catalog.aclexplode(a.attacl) e
where c.oid = ${regclass(table)} and e.grantee <> c.relowner
order by 1, 2, 3`,
});

/** What a role may do with a whole table, be it as a member of another role. */
export const rightsOf = (table: TableName, role: string): Statement => ({
  name: 'rightsOf',
  text: `select array(
  select p from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as p
  where has_table_privilege($1::name, ${regclass(table)}, p)
) as rights`,
  values: [role],
});

export const grantOn = ({ schema, table }: TableName, grant: TableGrant): Statement => {
  const column = grant.column === null ? '' : ` (${ident(grant.column)})`;
  const option = grant.grantable ? ' with grant option' : '';
  return {
    name: 'grantOn',
    text: `grant ${grant.privilege}${column} on ${qualified(schema, table)} to ${grantee(grant.role)}${option}`,
  };
};

/** For the default of a column that was an identity, which needs no right of its own. */
export const grantSequence = (sequence: string, role: string | null): Statement => ({
  name: 'grantSequence',
  text: `grant usage on sequence ${sequence} to ${grantee(role)}`,
});

export const grantSchema = (schema: string, role: string): Statement => ({
  name: 'grantSchema',
  text: `grant usage on schema ${ident(schema)} to ${ident(role)}`,
});

function grantee(role: string | null): string {
  return role === null ? 'public' : ident(role);
}
