import { type Command, Option } from 'commander';
import type { TableName } from '../../core/table-name.ts';
import { RelytError } from '../../errors.ts';
import { type AllowedChange, allowChangeOption } from '../allow-change-option.ts';
import { nameList, tableArgument, wholeNumber } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags, connectionOf } from '../connection-options.ts';
import { addEngineOptions, type EngineFlags, engineSettingsOf } from '../engine-option.ts';
import type { ExitCode } from '../exit-code.ts';
import { dryRunLoad } from '../load/dry-run.ts';
import { FileLoad } from '../load/file-load.ts';
import { addFormatFlags, type FormatFlags, formatOf } from '../load/format-flags.ts';
import { addLogFlags, type LogFlags, logOf } from '../load/log-flags.ts';
import { loadByKey, loadBySource } from '../load/rerun-load.ts';
import { runLoad } from '../load/run-load.ts';
import { asSetting, describeSource } from '../load/stored-source.ts';
import {
  addLoaderConfigOptions,
  type LoaderConfigFlags,
  s3AccessOf,
} from '../loader-config-options.ts';
import type { RunCommand } from '../run-command.ts';
import type { Terminal } from '../terminal.ts';

interface LoadFlags extends ConnectionFlags, EngineFlags, FormatFlags, LoaderConfigFlags, LogFlags {
  readonly table?: TableName;
  readonly skipRecords?: number;
  readonly key?: string;
  readonly anew?: boolean;
  readonly resume?: string;
  readonly wait?: number;
  readonly allowChange?: readonly AllowedChange[];
  readonly batchSize?: number;
  readonly concurrency?: number;
  readonly maxErrors?: number;
  readonly onConflict?: 'update' | 'nothing' | 'error';
  readonly conflictColumns?: readonly string[];
  readonly updateColumns?: readonly string[];
  readonly compression?: 'none' | 'gzip';
  readonly layout?: 'auto' | 'csv' | 'binary';
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
Input:
  CSV or text as PostgreSQL's COPY reads it, NDJSON (one object per line), or one JSON array of objects. gzip and zstd
  are recognised. The format comes from the first bytes, then from the name of the file.
  CSV columns come from the header, from --columns, or (with --no-header) are all columns of the table in order.
  An empty name in --columns skips a field: --columns id,,name

  After a failure or a signal, run the same command again: it continues the unfinished load of the same file (path,
  size and time of its last change) into the table, exactly once, also into tables without a key. --anew starts over.
  A complete load is loaded again; with --key it is skipped. For standard input, use --key, or --resume with the id of
  the task, and give the same input.

  A log (--log-format, --log-level, --verbose) goes to standard error, with times in UTC; the result stays on standard
  output.

  Ctrl-C (SIGINT or SIGTERM) imports what was read and exits with 1. A second one exits at once, with 130 (143).

  RELYT_S3_ENDPOINT, RELYT_S3_BUCKET … override the S3 settings of the database (see relyt init --help).

Examples:
  relyt load people.csv.gz --table public.people --concurrency 4
  relyt load people.csv --table people --log-format json --json 2> load.log
  zcat log.jsonl.gz | relyt load - --format ndjson --table events --max-errors 100`;

export function addLoadCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('load')
    .description('load a file of CSV, text of COPY, NDJSON or JSON into a table')
    .argument('<file>', 'file to load; - is standard input')
    .option('--table <schema.table>', 'target table; the default schema is public', tableArgument);
  addFormatFlags(command);
  addTaskOptions(command);
  addImportOptions(command);
  addEngineOptions(command);
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((file: string, flags: LoadFlags) =>
    run(() => {
      const complete = { ...flags, table: requiredTable(command, flags) };
      return flags.dryRun ? tryLoad(file, complete, terminal) : load(file, complete, terminal);
    }),
  );
}

function addTaskOptions(command: Command): void {
  command
    .option('--skip-records <n>', 'skip the first n records of the input', wholeNumber(0))
    .addOption(
      new Option(
        '--key <key>',
        'name of the load: a rerun continues it, or skips it when it is complete',
      ),
    )
    .addOption(
      new Option('--anew', 'start over, even if a load of the same file is not finished').conflicts(
        ['key', 'resume'],
      ),
    )
    .addOption(
      new Option(
        '--resume <process-id>',
        'continue an interrupted load of the same input',
      ).conflicts('key'),
    )
    .option(
      '--wait <seconds>',
      'how long to wait for a process that still has the task',
      wholeNumber(0),
    )
    .addOption(allowChangeOption())
    .option('--dry-run', 'load nothing; print what a load would do, with every SQL statement')
    .option('--json', 'print one JSON object at the end')
    .option('--quiet', 'print only errors');
  addLogFlags(command);
}

/** How records are staged and imported. */
function addImportOptions(command: Command): void {
  command
    .option('--batch-size <n>', 'maximum number of records in a staged file', wholeNumber(1))
    .option('--concurrency <n>', 'number of imports at the same time', wholeNumber(1))
    .option('--max-errors <n>', 'maximum number of rejected records', wholeNumber(0))
    .addOption(
      new Option('--on-conflict <what>', 'what to do when the key exists already').choices([
        'update',
        'nothing',
        'error',
      ]),
    )
    .option(
      '--conflict-columns <names>',
      'columns of a unique constraint or index to use as the key; default: the primary key',
      nameList,
    )
    .option(
      '--update-columns <names>',
      'columns that an update sets; default: all except the key',
      nameList,
    )
    .addOption(
      new Option('--compression <kind>', 'compression of staged files').choices(['none', 'gzip']),
    )
    .addOption(
      new Option('--layout <kind>', 'format of the rows in staged files').choices([
        'auto',
        'csv',
        'binary',
      ]),
    );
}

/** Not a `requiredOption`: commander would report it missing before it reports `--tabel` as unknown. */
function requiredTable(command: Command, { table }: LoadFlags): TableName {
  return table ?? command.error("error: required option '--table <schema.table>' not specified");
}

type CompleteFlags = LoadFlags & { readonly table: TableName };

async function load(file: string, given: CompleteFlags, terminal: Terminal): Promise<ExitCode> {
  const log = logOf(given, terminal);
  const flags = { ...given, log };
  const { resume, key, anew, allowChange: allowChanges = [], wait: waitSeconds = 0 } = flags;
  const options = loadOptionsOf(flags);
  const source = await describeSource(file, options);
  const settings = { ...options.settings, source: asSetting(source), logger: log };
  const logged = { ...options, settings };
  if (key !== undefined || (resume === undefined && !anew && source.kind === 'file')) {
    const request = { file, source, options: logged, allowChanges, waitSeconds, flags, terminal };
    if (key !== undefined) return loadByKey(request, key);
    if (source.kind === 'file') return loadBySource(request, source);
  }
  const task =
    resume === undefined ? {} : { resume: { processId: resume, allowChanges, waitSeconds } };
  const open = (signal: AbortSignal) => FileLoad.open(file, { ...logged, ...task, signal });
  return runLoad(open, flags, terminal);
}

async function tryLoad(file: string, flags: CompleteFlags, terminal: Terminal): Promise<ExitCode> {
  if (flags.resume !== undefined) {
    throw new RelytError(
      'CONFIG_INVALID',
      '--dry-run is for a new load and cannot be used with --resume.',
    );
  }
  return dryRunLoad(file, loadOptionsOf(flags), terminal, flags);
}

function loadOptionsOf(flags: CompleteFlags) {
  return {
    connection: connectionOf(flags),
    target: flags.table,
    format: formatOf(flags),
    skipRecords: flags.skipRecords ?? 0,
    settings: settingsOf(flags),
  };
}

/** What is not given stays away: the defaults are the library's. */
function settingsOf(flags: LoadFlags) {
  return {
    ...engineSettingsOf(flags),
    batchSize: flags.batchSize,
    concurrency: flags.concurrency,
    maxErrorRecords: flags.maxErrors,
    onConflict: flags.onConflict,
    conflictColumns: flags.conflictColumns,
    updateColumns: flags.updateColumns,
    compression: flags.compression,
    layout: flags.layout,
    ...s3AccessOf(flags),
  };
}
