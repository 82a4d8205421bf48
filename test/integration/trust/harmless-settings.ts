/** Settings that change nothing of what our statements store, match or count, and why; for `all-settings.test.ts`. */

const namesIn = (text: string): string[] => text.trim().split(/\s+/);

/** Reason, and the settings it holds for. */
export const HARMLESS: readonly (readonly [reason: string, names: readonly string[]])[] = [
  [
    'they say how text is read, as COPY reads it for the role; each import sets them to what its task began with',
    namesIn(`lc_monetary TimeZone timezone_abbreviations`),
  ],
  [
    'a transaction takes them from its BEGIN or a default_ setting, whatever the session began with',
    namesIn(`transaction_deferrable transaction_isolation transaction_read_only`),
  ],
  [
    'they choose which code of the user runs, and are the user’s or the administrator’s to choose',
    namesIn(`default_text_search_config dynamic_library_path event_triggers extension_control_path local_preload_libraries
      session_preload_libraries session_replication_role`),
  ],
  [
    'they raise an error or end a connection, and change nothing else',
    namesIn(`default_transaction_read_only idle_session_timeout max_stack_depth temp_file_limit`),
  ],
  [
    'an administrator’s last resort with damaged storage, for every reader',
    namesIn(`ignore_checksum_failure zero_damaged_pages`),
  ],
  [
    'which plan is taken, and in which order rows come, which no statement of ours rests on',
    namesIn(`cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction debug_parallel_query
      default_statistics_target force_parallel_mode
      effective_cache_size enable_async_append enable_bitmapscan enable_distinct_reordering enable_gathermerge
      enable_group_by_reordering enable_hashagg enable_incremental_sort enable_indexonlyscan enable_indexscan
      enable_material enable_memoize enable_mergejoin enable_parallel_append enable_parallel_hash
      enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join enable_presorted_aggregate
      enable_self_join_elimination enable_sort enable_tidscan from_collapse_limit geqo geqo_effort geqo_generations
      geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold jit jit_above_cost jit_expressions
      jit_inline_above_cost jit_optimize_above_cost jit_tuple_deforming join_collapse_limit
      min_parallel_index_scan_size min_parallel_table_scan_size parallel_leader_participation parallel_setup_cost
      parallel_tuple_cost random_page_cost recursive_worktable_factor seq_page_cost synchronize_seqscans`),
  ],
  [
    'where tables are stored',
    namesIn(`allow_in_place_tablespaces default_tablespace temp_tablespaces`),
  ],
  [
    'when VACUUM does what; no command of ours runs it',
    namesIn(`vacuum_buffer_usage_limit vacuum_cleanup_index_scale_factor vacuum_cost_delay vacuum_cost_limit
      vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age
      vacuum_freeze_table_age vacuum_max_eager_freeze_failure_rate vacuum_multixact_failsafe_age
      vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age vacuum_truncate`),
  ],
  [
    'how long the network or a lock is waited for',
    namesIn(`client_connection_check_interval deadlock_timeout tcp_keepalives_count tcp_keepalives_idle
      tcp_keepalives_interval tcp_user_timeout`),
  ],
  [
    'what the server writes into its log; what must not stand there is no statement and no parameter',
    namesIn(`backtrace_functions debug_pretty_print debug_print_parse debug_print_plan debug_print_rewritten
      log_connections log_disconnections log_duration log_error_verbosity log_executor_stats log_lock_failures
      log_lock_waits log_min_duration_sample log_min_duration_statement log_min_error_statement log_min_messages
      log_parameter_max_length log_parser_stats log_planner_stats log_replication_commands log_statement
      log_statement_sample_rate log_statement_stats log_temp_files log_transaction_sample_rate trace_notify
      trace_sort update_process_title`),
  ],
  [
    'statistics that no statement of ours reads',
    namesIn(
      `compute_query_id track_cost_delay_timing track_functions track_io_timing track_wal_io_timing`,
    ),
  ],
  [
    'replication',
    namesIn(`debug_logical_replication_streaming logical_decoding_work_mem wal_sender_timeout`),
  ],
  [
    'memory, processes and input: how fast, not what',
    namesIn(`backend_flush_after effective_io_concurrency file_copy_method hash_mem_multiplier io_combine_limit
      maintenance_io_concurrency maintenance_work_mem max_parallel_maintenance_workers max_parallel_workers
      max_parallel_workers_per_gather temp_buffers work_mem`),
  ],
  [
    'how what was written lies on the disk, and when it is written there',
    namesIn(`commit_delay commit_siblings default_toast_compression gin_pending_list_limit wal_compression wal_init_zero
      wal_recycle wal_skip_threshold`),
  ],
  [
    'words of messages, and the output of to_char; errors are told apart by SQLSTATE',
    namesIn(`escape_string_warning icu_validation_level lc_messages lc_numeric lc_time md5_password_warnings
      operator_precedence_warning`),
  ],
  [
    'roles, passwords, large objects and system tables, which no statement of ours makes or changes',
    namesIn(
      `allow_system_table_mods createrole_self_grant lo_compat_privileges password_encryption scram_iterations`,
    ),
  ],
  [
    'debugging of the server',
    namesIn(`debug_discard_caches ignore_system_indexes jit_debugging_support jit_dump_bitcode jit_profiling_support
      post_auth_delay wal_consistency_checking`),
  ],
  [
    'PL/pgSQL: assertions, of which our blocks have none, warnings, and details of an error',
    namesIn(`plpgsql.check_asserts plpgsql.extra_warnings plpgsql.print_strict_params`),
  ],
];
