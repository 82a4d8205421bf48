import type { Dialect } from '../../core/dialect.ts';
import { grantLike } from './grant-like.ts';
import { type Policy, policySql } from './row-ownership.ts';

const TABLE = 'relyt_loader_auxiliary';

/** The role may insert into the main table of the row. One list a statement. */
const LOADS_MAIN = `main_oid operator(pg_catalog.=) any (array(
      select c.oid::pg_catalog.int8 from pg_catalog.pg_class c
      where c.relkind operator(pg_catalog.=) any ('{r,p}'::pg_catalog."char"[])
        and pg_catalog.has_table_privilege(c.oid, 'insert')))`;

/** A loader that missed a row would miss the loss of its own. It tells no more than the catalogue: oids, and a number. */
export const AUXILIARY_POLICIES: readonly Policy[] = [
  { table: TABLE, using: LOADS_MAIN, check: LOADS_MAIN },
  { table: TABLE, command: 'select', using: 'true' },
];

/**
 * By what a loader sees that its rows were moved into a table that is gone. Moves of a main table are numbered, because
 * clocks differ; its routing lock keeps imports and moves apart, so an import knows which moves are behind it. In rows
 * of an older version all are ahead, which is what they were before this.
 */
export const movedRows = ({ tableStorage, rowSecurity }: Dialect): string => `
create table relyt_sys.${TABLE} (
  main_oid      bigint not null,
  auxiliary_oid bigint not null,
  -- Number of the last move that brought rows into it, and of the last one that left it empty.
  filled        bigint,
  emptied       bigint,
  primary key (main_oid, auxiliary_oid)
)${tableStorage('main_oid')};

alter table relyt_sys.relyt_loader_import add column moves_before bigint not null default 0;
alter table relyt_sys.relyt_loader_import add column auxiliary_moves bigint;
${rowSecurity ? AUXILIARY_POLICIES.map(policySql).join('') : ''}${grantLike({
  ...rolesThat('relyt_loader_import'),
  grants: [`select on relyt_sys.${TABLE}`],
})}${grantLike({
  ...rolesThat('relyt_loader_move'),
  grants: [`select, insert, update on relyt_sys.${TABLE}`],
})}`;

/** Loaders insert into the one, migrations into the other. */
function rolesThat(table: string): { readonly acl: string; readonly privilege: 'INSERT' } {
  return {
    acl: `select c.relacl as acl, c.relowner as owner from pg_catalog.pg_class c
          where c.oid operator(pg_catalog.=) 'relyt_sys.${table}'::pg_catalog.regclass`,
    privilege: 'INSERT',
  };
}
