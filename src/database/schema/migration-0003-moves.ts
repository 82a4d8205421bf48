import type { Dialect } from '../../core/dialect.ts';

/**
 * Groups that are on their way between a main and its auxiliary table in more than one transaction. While a row is
 * in phase COPY, an import that writes records of the group writes them to both tables.
 */
export const moves = ({ tableStorage }: Dialect): string => `
create table relyt_sys.relyt_loader_move (
  main_table    text not null,
  routing_id    text not null,
  direction     text not null check (direction in ('to-auxiliary', 'to-main')),
  phase         text not null check (phase in ('COPY', 'CLEAN')),
  owner         text not null,
  epoch         bigint not null,
  heartbeat_at  timestamp with time zone not null,
  lease_seconds int not null,
  rows_total    bigint not null,
  rows_copied   bigint not null default 0,
  rows_cleaned  bigint not null default 0,
  -- Texts of the key up to which the phase is done, in key order; null at its beginning.
  last_key      json,
  started_at    timestamp with time zone not null,
  updated_at    timestamp with time zone not null,
  primary key (main_table, routing_id)
)${tableStorage('main_table')};
`;
