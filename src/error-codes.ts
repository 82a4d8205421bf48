/**
 * What a retry can achieve: success later (`auto`), success once you have acted on the hint, outside the program and
 * its records (`manual`), or nothing (`never`).
 */
export type Retry = 'auto' | 'manual' | 'never';

/** Every error code, its meaning, and the default hint. `docs/reference/errors.md` is generated from it. */
export const ERROR_CODES = {
  CONFIG_INVALID: {
    meaning: 'The configuration has a missing or wrong setting.',
    retry: 'never',
    hint: 'Correct the named setting; docs/reference/config.md lists all of them.',
  },
  DATABASE_UNREACHABLE: {
    meaning: 'The connection to the database could not be established, or was lost.',
    retry: 'auto',
    hint: 'Check host, port and network, and that the server is running.',
  },
  DATABASE_AUTH_FAILED: {
    meaning: 'The database refused the user, the password or the database name.',
    retry: 'manual',
    hint: 'Check username, password and database name, and pg_hba.conf on the server.',
  },
  DATABASE_PERMISSION_DENIED: {
    meaning: 'The database role lacks a privilege.',
    retry: 'manual',
    hint: 'Have an administrator run `relyt init --role ROLE`, and grant INSERT (UPDATE and SELECT for updates) on the target.',
  },
  DATABASE_ERROR: {
    meaning: 'The database reported an error this package has no better name for.',
    retry: 'manual',
    hint: 'See the SQLSTATE in `details.sqlstate` and the cause.',
  },
  SCHEMA_MISSING: {
    meaning: 'The schema relyt_sys, or a table or function in it, does not exist.',
    retry: 'manual',
    hint: 'Run `relyt init` as a role that may create schemas, or give the output of `relyt init --print-sql` to an administrator.',
  },
  SCHEMA_TOO_NEW: {
    meaning: 'The schema relyt_sys was made by a newer version of this package.',
    retry: 'manual',
    hint: 'Update relyt-sdk.',
  },
  LOADER_CONFIG_MISSING: {
    meaning: 'Neither the database nor the configuration has S3 settings.',
    retry: 'manual',
    hint: "Run `relyt init --s3-endpoint … --s3-bucket …`, or pass `s3` in the configuration. A PostgreSQL without segments can be loaded without S3: engine 'direct'.",
  },
  LOADER_CONFIG_INVALID: {
    meaning: 'The S3 settings of the database are incomplete or out of range.',
    retry: 'manual',
    hint: 'Correct relyt_sys.LOADER_CONFIG(), for example by running `relyt init --s3-…` again.',
  },
  OWNER_UNTRUSTED: {
    meaning:
      'The function or table with the S3 settings belongs to a role that is neither a superuser nor the owner of the schema relyt_sys. Or a function with a name of the extension aws_s3 is not of the extension. Or you connect as a superuser, and the schema relyt_sys or something of the loader in it belongs to a role that is none.',
    retry: 'manual',
    hint: 'Have an administrator look at it, and then change its owner, or name the owner with `loaderConfigOwner`.',
  },
  FOREIGN_CODE: {
    meaning:
      'An object of relyt_sys, or the view over a routed table, depends on a function, operator or type that is neither of PostgreSQL nor of this package. An older version looked names up where other roles may create, and a role planted something there.',
    retry: 'manual',
    hint: 'Run `relyt doctor`: it names each object, and the commands that remove it.',
  },
  TABLE_NOT_FOUND: {
    meaning: 'The target table does not exist, or the role cannot see it.',
    retry: 'manual',
    hint: 'Check schema and table name; names are case-sensitive here.',
  },
  TABLE_UNSUPPORTED: {
    meaning: 'The target is not a table that can be loaded this way.',
    retry: 'never',
    hint: 'Load an ordinary or partitioned table.',
  },
  TABLE_CHANGED: {
    meaning:
      'A column of the target was dropped, renamed or given another kind of type while records were staged for it.',
    retry: 'manual',
    hint: 'Undo the change and resume the task, or abort it and load its source again.',
  },
  ROUTING_INVALID: {
    meaning: 'A table is not routed, or main, auxiliary and routing table do not fit together.',
    retry: 'manual',
    hint: 'See docs/guide/big-groups.md for what belongs together.',
  },
  MIGRATION_REFUSED: {
    meaning: 'Groups of this table cannot be moved without losing or changing something.',
    retry: 'manual',
    hint: 'Remove what the message names, and migrate again.',
  },
  COLUMN_UNKNOWN: {
    meaning: 'A record has a property for which the table has no column.',
    retry: 'never',
    hint: 'Rename the property, map it with `columns`, or leave it out.',
  },
  COLUMN_MISSING: {
    meaning: 'A column that needs a value has none.',
    retry: 'never',
    hint: 'Give every record a value for it, or give the column a default.',
  },
  COLUMN_GENERATED: {
    meaning: 'A record has a value for a generated column.',
    retry: 'never',
    hint: 'Leave the column out; the database computes it.',
  },
  RECORD_INVALID: {
    meaning: 'A value of a record cannot be represented in its column.',
    retry: 'never',
    hint: 'Correct the value, or allow rejected records with `maxErrorRecords`.',
  },
  REJECT_LIMIT_EXCEEDED: {
    meaning: 'More records were rejected than `maxErrorRecords` allows.',
    retry: 'never',
    hint: 'Correct the records (relyt_sys.relyt_loader_reject keeps those tolerated so far), or raise `maxErrorRecords`.',
  },
  INPUT_MALFORMED: {
    meaning: 'The input file is not well-formed CSV or NDJSON.',
    retry: 'never',
    hint: 'Correct the named line, or check the format, the delimiter and the quote.',
  },
  REPLAY_INCOMPLETE: {
    meaning:
      'A resumed task was given fewer records than are safe after its position: the source did not replay what it gave before.',
    retry: 'manual',
    hint: 'If there are no more records, run `relyt resume PROCESS_ID --finish` to end the task with what is staged. Otherwise resume it, and give the same records in the same order, from its `position`.',
  },
  SOURCE_FAILED: {
    meaning: 'The source of the records threw before its end, so records are missing.',
    retry: 'manual',
    hint: 'Fix the source and resume the task. Continue from its position, or without positions after the first `progress().received` records.',
  },
  IMPORT_REFUSED: {
    meaning: 'The database refused a record of a staged file.',
    retry: 'manual',
    hint: 'Change the constraint and resume the task, resume it with maxErrorRecords to leave the record out, or abort it and load the corrected records: the record is staged as it was.',
  },
  DUPLICATE_KEY: {
    meaning: "A record's key is already there, and `onConflict` is 'error'.",
    retry: 'manual',
    hint: "Remove the duplicate, or load with onConflict 'update' or 'nothing'.",
  },
  COUNT_MISMATCH: {
    meaning: 'An import did not account for every record of its files and was rolled back.',
    retry: 'manual',
    hint: 'Look for triggers, rules or row security that drop rows, and for staged objects that were changed.',
  },
  IMPORT_TIMEOUT: {
    meaning: 'An import, with its retries, took longer than `importTimeoutSeconds`.',
    retry: 'manual',
    hint: 'Raise import_timeout in LOADER_CONFIG (or `s3.importTimeoutSeconds`), make `batchSize` smaller, or see what the database waited for.',
  },
  S3_DOWNLOAD_FAILED: {
    meaning: 'The database could not read a staged file from S3.',
    retry: 'auto',
    hint: 'Check that the database server itself reaches the S3 endpoint, has curl, and that clocks agree.',
  },
  S3_UNREACHABLE: {
    meaning: 'The S3 endpoint could not be reached.',
    retry: 'auto',
    hint: 'Check the endpoint, the network and TLS.',
  },
  S3_UNAVAILABLE: {
    meaning:
      'The S3 server is overloaded or not available at the moment (5xx, throttling or a timeout).',
    retry: 'auto',
    hint: 'Wait: uploads and imports are retried. If it lasts, check the status of the S3 server.',
  },
  S3_AUTH_FAILED: {
    meaning: 'S3 refused the access key or the signature.',
    retry: 'manual',
    hint: 'Check access_key, secret_key and region in LOADER_CONFIG.',
  },
  S3_ACCESS_DENIED: {
    meaning: 'The S3 key is valid but lacks a permission on the bucket or prefix.',
    retry: 'manual',
    hint: 'Allow PutObject, GetObject, DeleteObject, AbortMultipartUpload and ListBucket on the prefix.',
  },
  S3_BUCKET_MISSING: {
    meaning: 'The bucket does not exist.',
    retry: 'manual',
    hint: 'Create the bucket, or correct bucket_name in LOADER_CONFIG.',
  },
  S3_CLOCK_SKEW: {
    meaning: 'The clock of this machine differs too much from the S3 server’s.',
    retry: 'manual',
    hint: 'Synchronise the clock (NTP).',
  },
  S3_ERROR: {
    meaning: 'S3 reported an error this package has no better name for.',
    retry: 'manual',
    hint: 'See `details.s3Error` and the cause.',
  },
  ENGINE_UNSUPPORTED: {
    meaning: 'The database cannot read S3 in any way this engine knows.',
    retry: 'manual',
    hint: 'See docs/guide/engines.md for what the administrator prepares.',
  },
  DATABASE_WENT_BACK: {
    meaning:
      'The database has lost what the task committed: it failed over to a standby that lagged behind, was restored from an older copy, emptied an unlogged table in a crash, or the target was dropped and made again.',
    retry: 'manual',
    hint: 'Make sure that this is the right database and table, and resume the task. What was lost is imported again from the staged files, and the position of the resumed task says which records of the source come next.',
  },
  LEASE_LOST: {
    meaning: 'Another process took over this task.',
    retry: 'never',
    hint: 'Stop this process; the other one continues the task.',
  },
  RESUME_REFUSED: {
    meaning: 'The task cannot be resumed, or not with these settings.',
    retry: 'manual',
    hint: 'Run `relyt show PROCESS_ID` to see the state of the task.',
  },
  KEY_TAKEN: {
    meaning: 'Another process has begun a task with this key at the same time, again and again.',
    retry: 'auto',
    hint: 'Open the key again: it then finds the task of the other process.',
  },
  TASK_NOT_FOUND: {
    meaning: 'No task of this id is recorded in the database, or it belongs to another role.',
    retry: 'never',
    hint: 'Run `relyt tasks` to list the tasks that this role can see. Check that this is the right database, and the role that started the task.',
  },
  ABORT_REFUSED: {
    meaning: 'The task cannot be aborted: it is alive, has ended, or belongs to another SDK.',
    retry: 'manual',
    hint: 'Run `relyt show PROCESS_ID` to see the state of the task.',
  },
  UNINSTALL_REFUSED: {
    meaning: 'What `relyt init` made cannot be removed: it is in use, or records would be lost.',
    retry: 'manual',
    hint: 'Remove what the message names. Run `relyt tasks` to see the tasks.',
  },
  BOOKKEEPING_INVALID: {
    meaning: 'A row of the task in relyt_sys has values that no loader writes.',
    retry: 'never',
    hint: 'Find out which roles may write the table: no loader wrote that row. Have an administrator delete the row, and load the source again.',
  },
  STAGED_FILE_LOST: {
    meaning: 'A frozen staged file is missing in S3.',
    retry: 'never',
    hint: 'Abort the task (`relyt abort PROCESS_ID`) and load the source again: the records of the file cannot be imported any more.',
  },
  STAGED_FILE_CHANGED: {
    meaning:
      'A file in S3 is not the one that the loader staged: another program replaced it, or its bytes are damaged.',
    retry: 'manual',
    hint: 'Find out which other programs write below the prefix. Put the object back as it was (an older version, where the bucket keeps them) and resume the task, or abort it (`relyt abort PROCESS_ID`) and load the source again.',
  },
  CLOSED: {
    meaning: 'The processor was shut down or aborted.',
    retry: 'never',
    hint: 'Create a new BulkProcessor.',
  },
  ABORTED: {
    meaning: 'The operation was aborted by its signal or by abort().',
    retry: 'never',
    hint: 'Load again if you want to: nothing staged is imported after an abort.',
  },
  CONFLICT_COLUMNS_UNSUITABLE: {
    meaning: 'The columns of `conflictColumns` or `updateColumns` cannot decide conflicts here.',
    retry: 'manual',
    hint: 'Name the columns of a unique constraint or index that is neither partial nor deferrable.',
  },
  INSERT_ABORTED: {
    meaning: 'A call of insert() was aborted by its own signal. The task goes on.',
    retry: 'never',
    hint: 'Insert the rest of the records, or end the task with shutdown(), suspend() or abort(). The records that were taken (`details.records`) are loaded.',
  },
  LISTENER_FAILED: {
    meaning: 'A listener of an event, or the logger, threw. The load goes on.',
    retry: 'never',
    hint: 'Correct the listener: the cause says what it threw.',
  },
  EVENTS_UNREAD: {
    meaning: 'A loop over `events()` is too far behind: events are lost to it. The load goes on.',
    retry: 'never',
    hint: 'Do less for each event, or use `on()`.',
  },
  OPENTELEMETRY_MISSING: {
    meaning: 'The package @opentelemetry/api, which `openTelemetry()` writes to, cannot be loaded.',
    retry: 'manual',
    hint: 'Install it: `npm install @opentelemetry/api`.',
  },
  DEV_PACKAGE_MISSING: {
    meaning: 'The package relyt-dev, which `relyt dev` runs, is not installed.',
    retry: 'manual',
    hint: 'Install it: `npm install --save-dev relyt-dev`.',
  },
  INTERNAL: {
    meaning: 'A fault of this package.',
    retry: 'never',
    hint: 'Report it with the message and the stack.',
  },
} as const satisfies Record<string, { meaning: string; retry: Retry; hint: string }>;

/** A stable error code; see `docs/reference/errors.md`. */
export type ErrorCode = keyof typeof ERROR_CODES;
