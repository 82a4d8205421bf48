/** What the tables and columns of relyt_sys mean, in the order the page shows them. */

export const TABLE_MEANINGS = {
  relyt_loader_checkpoint: {
    meaning: 'One row a task: its status and a summary of its files and rejected records.',
    contract: true,
    columns: {
      process_id: 'Id of the task.',
      pg_table: 'Target table, as schema.table.',
      status: 'RUNNING, COMPLETED, FAILED or CANCELLED.',
      start_time: 'When the task began.',
      last_insert_time: 'When the last import so far was committed.',
      files_total: 'Staged files created so far.',
      files_imported: 'Of these, imported.',
      file_details:
        'One element a file: file_id, s3_key, s3_url, status, num_records, created_at, frozen_at, imported_at, error_reason and metadata (num_bytes, stored_bytes, attempts, import_id).',
      error_message: 'Why the task is FAILED or CANCELLED.',
      error_records: 'Rejected records so far.',
    },
  },
  relyt_loader_task: {
    meaning: 'One row a task: who runs it and with which settings.',
    columns: {
      process_id: 'Id of the task.',
      pg_table: 'Target table, as schema.table.',
      engine: 'How the database reads S3.',
      epoch:
        'Counts the processes that have held the right to write this task; only the newest may commit.',
      owner: 'Host and process id of the process that holds it.',
      heartbeat_at: 'When that process last said that it lives.',
      lease_seconds: 'How long after its last sign of life another process may take the task over.',
      settings: 'Settings of the load; no secrets.',
      staged_columns:
        'Columns in the staged files, in order; NULL until the first record decided them.',
      staged_types:
        'Their types, as SQL; a column that has another type now cannot be imported into.',
      last_ordinal: 'Every record up to this number is in a frozen or imported file, or rejected.',
      source_position:
        'From where to go on after a crash, as the caller said; NULL for the beginning, and where no positions are given.',
      replay_after:
        'Number of the last record before that position; NULL when it is `last_ordinal`. Of the records that the source replays, those up to `last_ordinal` are skipped.',
      replay_epoch:
        'The epoch, as written by who knows `replay_after`: an older version, which would load these records twice, cannot take the task over.',
      sdk_version: 'Version of relyt-sdk that wrote the row.',
      created_at: 'When the task began.',
      owner_role: 'The role that created the task: only it and its members see the row.',
      holder_name:
        'Name in pg_stat_activity of the connections of the process that holds it; NULL where they cannot be seen, so that its lease alone tells whether it lives.',
      holder_role: 'Role of these connections: others do not see their names.',
      holder_server: 'When the server they are on was started.',
      frozen_files:
        'Files that were frozen: a loader that knows of more sees that the database went back in time. NULL while an older version has the task.',
    },
  },
  relyt_loader_key: {
    meaning: 'One row a key: the task that a caller finds by a name of its own.',
    columns: {
      owner_role: 'Role that gave the key.',
      pg_table: 'Target table, as schema.table.',
      key: 'The key; each role has keys of its own for each target table.',
      process_id: 'Id of the task that has the key now.',
      created_at: 'When that task was given the key.',
    },
  },
  relyt_loader_file: {
    meaning: 'One row a staged file: the truth of which `file_details` is a summary.',
    columns: {
      process_id: 'Id of the task.',
      file_id: 'Number of the file within the task, from 1.',
      generation: 'Files of a generation are frozen together, in one transaction.',
      lane: 'Records of equal keys share a lane; files of a lane are imported in order.',
      first_ordinal:
        'Number of the first record in the file; records are numbered from 1 within the task.',
      last_ordinal: 'Number of the last one.',
      s3_bucket: "Bucket of the object; '' for a file that was in memory only (engine `direct`).",
      s3_key: 'Key of the object, decided once; without a bucket the name of the file.',
      s3_url: "URL of the object, without a signature; '' without a bucket.",
      target: 'Which table it is for: main or auxiliary.',
      status: 'CREATED (being written), FROZEN (complete in S3), IMPORTING, IMPORTED, or ERROR.',
      num_records: 'Records in the file.',
      num_bytes: 'Bytes of its rows, before compression.',
      stored_bytes: 'Bytes of the object.',
      created_at: 'When the file was created.',
      frozen_at: 'When its upload was complete.',
      imported_at: 'When its import was committed.',
      attempts: 'Imports of the file that were begun.',
      import_id: 'The import that brought it in.',
      error: 'Why the file is in ERROR.',
      source_position:
        'Where the source stood after the call of `insert()` that brought the last record frozen with it; NULL when the application gave no positions.',
      owner_role: 'The role that created the task: only it and its members see the row.',
      source_lines:
        'Lines of its records in the source, as pairs: from this record on, the line is the number of the record plus the second value; NULL when `insert()` was not told lines.',
      etag: 'ETag of the object. An import reads no other one. NULL in rows of older versions, like the next two.',
      crc32: 'CRC-32 of the bytes of the object, as they are stored.',
      ordinal_sum: 'Sum of the numbers of the records in the file.',
      staged_columns:
        'Columns of its records, in order. NULL: those of the task, staged by an older version.',
      reached_ordinal: 'Number of the last record before that position.',
      reached_position:
        'The newest position of the source whose records are all in this generation and those before it.',
      layout:
        'How its rows are written: `csv`, or `binary:` and for each staged column `n` for the binary form of its type or `t` for text; `tuples:` where the rows hold no ordinals. NULL: CSV, staged by an older version.',
      ordinal_gaps:
        'Where rows hold no ordinals: those between the first and the last that no row has, as a JSON array; the others are those of the rows, in their order. NULL: the rows hold theirs.',
      conflict_mode:
        'What the import does with a key that is there already: `insert` (refuses it, or looks at no key), `update` or `nothing`. NULL: as the task was started, staged by an older version.',
    },
  },
  relyt_loader_import: {
    meaning:
      'One row a committed import, written in the transaction that wrote its rows. The five counts add up to `num_records`, or there is no such row.',
    columns: {
      process_id: 'Id of the task.',
      import_id: 'Number of the import within the task.',
      files: 'Staged files of the import.',
      num_records: 'Records in these files.',
      rows_inserted: 'Records that became new rows.',
      rows_updated: 'Records that replaced a row of the same key.',
      rows_skipped:
        "Records left out because their key was there already (`onConflict: 'nothing'`).",
      rows_superseded:
        'Records left out because another record of the import has the same key and wins.',
      rows_rejected: 'Records the database refused.',
      started_at: 'When the transaction began.',
      imported_at: 'When it was about to commit.',
      owner_role: 'The role that created the task: only it and its members see the row.',
      target_oid:
        'The table it wrote to: another one of the same name has none of its rows. NULL in rows of an older version.',
      auxiliary_oid:
        'The auxiliary table that it, or an import before it, wrote to; NULL where there was none.',
      marker: 'Of relyt_loader_marker, where a table it wrote to is unlogged; else NULL.',
      moves_before:
        'Number of the last move of the table before the first import of the task, as in relyt_loader_auxiliary; 0 before any, and in rows of an older version.',
      auxiliary_moves:
        'The same before the last import that wrote to `auxiliary_oid`; NULL where none did, and in rows of an older version.',
    },
  },
  relyt_loader_marker: {
    meaning:
      'Unlogged: a crash of the server takes its rows away together with those of unlogged targets, and so shows that they are lost.',
    columns: {
      process_id: 'Id of the task.',
      marker: 'A random id.',
      created_at: 'When the first import wrote to an unlogged table.',
      owner_role: 'The role that created the task.',
    },
  },
  relyt_loader_reject: {
    meaning: 'One row a rejected record that was tolerated, with its content.',
    columns: {
      process_id: 'Id of the task.',
      record_ordinal: 'Number of the record within the task, from 1.',
      file_id: 'The staged file it stood in; NULL when it could not be encoded.',
      source_position:
        'Where the source stood after the records it was handed over with (encode), or after the last call whose records were staged together with it (import), as `insert()` was told; NULL when the application gave no positions.',
      stage: 'encode (refused before it was staged) or import (refused by the database).',
      code: 'Error code (encode) or SQLSTATE (import).',
      column_name: 'The column at fault, where one is known.',
      reason: 'Why it was refused.',
      record: 'The record as JSON; NULL when it has no JSON form.',
      created_at: 'When it was refused.',
      constraint_name: 'The constraint it violates, where it was one.',
      owner_role: 'The role that created the task: only it and its members see the row.',
      source_line: 'Its own line in the source; NULL when `insert()` was not told lines.',
    },
  },
  relyt_loader_move: {
    meaning:
      'One row a group that `relyt migrate` is moving in several transactions; gone when the group has moved.',
    columns: {
      main_table: 'Main table, as schema.table.',
      routing_id: 'The group, as text.',
      direction: 'to-auxiliary or to-main.',
      phase:
        'COPY (the group still lives where it was) or CLEAN (it lives where it goes; what is left behind is being deleted).',
      owner: 'Host and process id of the process that moves it.',
      epoch: 'Counts the processes that have moved it; only the newest may go on.',
      heartbeat_at: 'When that process last said that it lives.',
      lease_seconds: 'How long after its last sign of life another process may take the move over.',
      rows_total: 'Rows of the group when the move began.',
      rows_copied: 'Rows copied so far.',
      rows_cleaned: 'Rows deleted so far where the group was.',
      last_key: 'The primary key up to which the phase is done, as texts; NULL at its beginning.',
      started_at: 'When the move began.',
      updated_at: 'When its last transaction was committed.',
      owner_role: 'The role that began the move; only it and its members change the row.',
    },
  },
  relyt_loader_routing: {
    meaning:
      'One row a routed table that `relyt init --routing` has set up: the column of the groups, which every load, migration and view follows.',
    columns: {
      main_table: 'Main table, as schema.table.',
      main_column: 'The column in the main table.',
      auxiliary_column: 'The same column in the auxiliary table, where it may have another name.',
      owner_role: 'The role that set the table up; only it and its members change the row.',
    },
  },
  relyt_loader_auxiliary: {
    meaning:
      'One row an auxiliary table that `relyt migrate` has moved rows into, or left empty: a load whose rows were moved there sees by it that they are lost with the table. Such moves of a main table are numbered from 1.',
    columns: {
      main_oid: 'The main table.',
      auxiliary_oid: 'The auxiliary table, there still or not.',
      filled: 'Number of the last move that brought rows into it; NULL when none did.',
      emptied: 'Number of the last move that left it without a row; NULL when none did.',
    },
  },
  relyt_loader_location: {
    meaning: 'S3 locations the database may download from. No file outside of them is ever opened.',
    columns: {
      url_prefix:
        'What the URL of a staged file has to begin with: scheme, host, and a path that ends with /.',
    },
  },
  sdk_loader_config: {
    meaning:
      'S3 settings, the secret key among them. Only the owner may read it; `LOADER_CONFIG()` does so for the roles it is granted to. The newest databases set up for the Go SDK have it too.',
    columns: {
      config_name: 'Name of a field of LOADER_CONFIG.',
      config_value: 'Its value, as text.',
    },
  },
  relyt_loader_migration: {
    meaning: 'Which migrations of this schema were applied.',
    columns: {
      number: 'Number of the migration.',
      name: 'Its name.',
      applied_at: 'When it was applied.',
    },
  },
};

export const FUNCTION_MEANINGS = {
  relyt_loader_open: 'Makes a temporary table for the URLs of an import.',
  relyt_loader_expose:
    'Checks these URLs against relyt_loader_location and makes a temporary foreign table over them. Runs with the rights of its owner.',
  relyt_loader_close: 'Drops that foreign table.',
  relyt_loader_task_exists: 'Whether there is a task of this id, including those of other roles.',
  relyt_loader_checkpoint_exists:
    'Whether there is a checkpoint of this id, including those of other roles. A task row under it would hide it.',
  relyt_loader_task_count:
    'How many tasks load a table, those of other roles included. Runs with the rights of its owner, as the two above.',
  relyt_loader_keep_id: 'Refuses to change the id of a task. A trigger.',
};
