import type { Dialect } from '../../core/dialect.ts';

/**
 * By which column a table is routed: loads, migrations and the view have to agree on it, whatever each of them is told.
 * A table without a row here is routed by the column that has one of the usual names.
 */
export const groupColumns = ({ tableStorage }: Dialect): string => `
create table relyt_sys.relyt_loader_routing (
  main_table       text primary key,
  main_column      text not null,
  auxiliary_column text not null
)${tableStorage('main_table')};
`;
