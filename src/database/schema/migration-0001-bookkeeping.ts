import type { Dialect } from '../../core/dialect.ts';

/**
 * The tables of `docs/architecture.md` ("State, in the database"). The checkpoint table is the contract
 * with databases set up for the Go SDK: it may exist already and keeps exactly these columns.
 */
export const bookkeeping = ({ tableStorage }: Dialect): string => `
create table if not exists relyt_sys.relyt_loader_checkpoint (
  process_id       text primary key,
  pg_table         text not null,
  status           text not null,
  start_time       timestamp with time zone not null,
  last_insert_time timestamp with time zone,
  files_total      int default 0,
  files_imported   int default 0,
  file_details     jsonb default '[]'::jsonb,
  error_message    text,
  error_records    int default 0
)${tableStorage('process_id')};

create table relyt_sys.relyt_loader_task (
  process_id      text primary key,
  pg_table        text not null,
  engine          text not null,
  epoch           bigint not null,
  owner           text not null,
  heartbeat_at    timestamp with time zone not null,
  lease_seconds   int not null,
  settings        jsonb not null,
  -- In the order of the staged fields; null until the first record decided them.
  staged_columns  text[],
  -- Their types, as SQL: who imports the files must not take them for others.
  staged_types    text[],
  -- Of the newest frozen generation: every record up to this ordinal is frozen, imported or rejected ...
  last_ordinal    bigint not null default 0,
  -- ... and with them everything the caller had handed over up to this position.
  source_position jsonb,
  sdk_version     text not null,
  created_at      timestamp with time zone not null
)${tableStorage('process_id')};

create table relyt_sys.relyt_loader_file (
  process_id    text not null,
  file_id       bigint not null,
  generation    bigint not null,
  lane          int not null,
  first_ordinal bigint,
  last_ordinal  bigint,
  s3_bucket     text not null,
  s3_key        text not null,
  s3_url        text not null,
  target        text not null default 'main',
  status        text not null check (status in ('CREATED', 'FROZEN', 'IMPORTING', 'IMPORTED', 'ERROR')),
  num_records   bigint not null default 0,
  num_bytes     bigint not null default 0,
  stored_bytes  bigint not null default 0,
  created_at    timestamp with time zone not null,
  frozen_at     timestamp with time zone,
  imported_at   timestamp with time zone,
  attempts      int not null default 0,
  import_id     bigint,
  error         text,
  primary key (process_id, file_id)
)${tableStorage('process_id')};

-- One row per committed import, written in the transaction that inserted its rows: the counts of G2.
create table relyt_sys.relyt_loader_import (
  process_id      text not null,
  import_id       bigint not null,
  files           int not null,
  num_records     bigint not null,
  rows_inserted   bigint not null,
  rows_updated    bigint not null,
  rows_skipped    bigint not null,
  rows_superseded bigint not null,
  rows_rejected   bigint not null,
  started_at      timestamp with time zone not null,
  imported_at     timestamp with time zone not null,
  primary key (process_id, import_id),
  check (num_records = rows_inserted + rows_updated + rows_skipped + rows_superseded + rows_rejected)
)${tableStorage('process_id')};

create table relyt_sys.relyt_loader_reject (
  process_id      text not null,
  record_ordinal  bigint not null,
  file_id         bigint,
  source_position jsonb,
  stage           text not null check (stage in ('encode', 'import')),
  code            text not null,
  column_name     text,
  reason          text not null,
  record          json,
  created_at      timestamp with time zone not null,
  primary key (process_id, record_ordinal)
)${tableStorage('process_id')};

-- S3 settings, the secret among them: no grant on it, LOADER_CONFIG() is the way to read it.
-- The Go SDK's newest installations have this table already.
create table if not exists relyt_sys.sdk_loader_config (
  config_name  text primary key,
  config_value text
)${tableStorage('config_name')};
`;
