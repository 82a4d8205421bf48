import type { Command } from 'commander';
import { prepareScript } from '../../administration.ts';
import type { LoaderConfigSource } from '../../config/access-config.ts';
import type { PrepareOptions } from '../../prepare/prepare-options.ts';
import { collected } from '../argument-parsers.ts';
import { addConnectionOptions, type ConnectionFlags } from '../connection-options.ts';
import { addEngineOption, type EngineFlags } from '../engine-option.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { handleOf } from '../handle.ts';
import { preparedLines } from '../init/report-prepared.ts';
import {
  addRoutingOptions,
  type RoutingFlags,
  routingLines,
  routingOf,
} from '../init/routing-setup.ts';
import {
  addLoaderConfigOptions,
  type LoaderConfigFlags,
  loaderConfigAccess,
} from '../loader-config-options.ts';
import type { RunCommand } from '../run-command.ts';
import { addS3Options, awsSettings, storedS3Of } from '../s3-options.ts';
import type { Terminal } from '../terminal.ts';

interface InitFlags extends ConnectionFlags, LoaderConfigFlags, RoutingFlags {
  readonly engine?: EngineFlags['engine'];
  readonly role?: readonly string[];
  readonly allowLocation?: readonly string[];
  readonly printSql?: boolean;
  readonly json?: boolean;
}

const HELP = `
S3 settings:
  The settings you give replace those in the database. Without any, only the schema is prepared.
  Keys and region that are not set anywhere come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION,
  unless AWS_SESSION_TOKEN says that they are temporary.
  --s3-default-credentials stores no keys, and removes stored ones: every loader then finds credentials as the
  AWS tools do (environment, profile, role of the machine). Not for engines that keep keys in a statement.

Examples:
  RELYT_S3_SECRET_KEY=… relyt init --role loader --s3-endpoint s3.amazonaws.com --s3-bucket staging \\
    --s3-region eu-west-1 --s3-prefix relyt --s3-access-key AKIA…
  relyt init --role loader --print-sql > for-the-administrator.sql
  relyt init --role loader --routing public.events --view`;

export function addInitCommand(program: Command, terminal: Terminal, run: RunCommand): void {
  const command = program
    .command('init')
    .description('prepare a database: the schema relyt_sys, roles, S3 settings')
    .option('--role <role>', 'grant this role what a loader needs (may be repeated)', collected)
    .option(
      '--allow-location <url>',
      'allow the database to download staged files from here (may be repeated)',
      collected,
    )
    .option(
      '--print-sql',
      'change nothing; print the SQL for an administrator (without the secret)',
    )
    .option('--json', 'print one JSON object');
  addRoutingOptions(command);
  addEngineOption(command);
  addS3Options(command);
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: InitFlags) => run(() => init(flags, optionsOf(command, flags), terminal)));
}

type Options = Omit<PrepareOptions, 'routing'>;

/** @throws RelytError CONFIG_INVALID */
function optionsOf(command: Command, flags: InitFlags): Options {
  return {
    engine: flags.engine ?? 'auto',
    roles: flags.role ?? [],
    s3: storedS3Of(command),
    s3Defaults: awsSettings(process.env),
    allowLocations: flags.allowLocation ?? [],
  };
}

async function init(flags: InitFlags, options: Options, terminal: Terminal): Promise<ExitCode> {
  const routing = routingOf(flags);
  const source = loaderConfigAccess(flags);
  if (flags.printSql) return printScript({ ...source, ...options }, flags, terminal);
  const prepared = await handleOf(flags, source).prepare({
    ...options,
    ...(routing !== undefined && { routing }),
  });
  const { routing: routed, ...database } = prepared;
  if (flags.json) {
    const also = routing === undefined ? {} : { routing: routed };
    terminal.printJson({ ok: true, ...database, ...also });
  } else terminal.print(...preparedLines(prepared), ...routingLines(routed));
  return EXIT.done;
}

async function printScript(
  options: Options & LoaderConfigSource,
  { json }: InitFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const sql = await prepareScript(options);
  if (json) terminal.printJson({ ok: true, sql });
  else terminal.printScript(sql);
  return EXIT.done;
}
