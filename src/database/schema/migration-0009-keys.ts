import type { Dialect } from '../../core/dialect.ts';
import { OWN_ROW, type Policy, policySql } from './row-ownership.ts';

export const KEY_POLICY: Policy = { table: 'relyt_loader_key', using: OWN_ROW, check: OWN_ROW };

/**
 * A caller's own name for a task, by which a rerun finds it: one task at a time has it, for each role and target. And
 * how the connections of the process that holds a task show in pg_stat_activity, so that its end shows as well.
 */
export const keys = ({ tableStorage, rowSecurity }: Dialect): string => `
create table relyt_sys.relyt_loader_key (
  owner_role name not null default current_user,
  pg_table   text not null,
  key        text not null,
  process_id text not null,
  created_at timestamp with time zone not null,
  primary key (owner_role, pg_table, key)
)${tableStorage('key')};

alter table relyt_sys.relyt_loader_task add column holder_name text;
alter table relyt_sys.relyt_loader_task add column holder_role text;
alter table relyt_sys.relyt_loader_task add column holder_server timestamp with time zone;
${rowSecurity ? policySql(KEY_POLICY) : ''}`;
