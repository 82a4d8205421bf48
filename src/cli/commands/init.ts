import type { Command } from 'commander';
import { resolveAccess } from '../../config/access-schema.ts';
import type { TrustedConfig } from '../../database/statements/loader-config.ts';
import type { EngineName } from '../../engines/profiles.ts';
import { trustedConfig } from '../../task/read-s3-settings.ts';
import { collected } from '../argument-parsers.ts';
import {
  addConnectionOptions,
  type ConnectionFlags,
  withConnection,
} from '../connection-options.ts';
import { addEngineOption } from '../engine-option.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { administratorScript } from '../init/administrator-script.ts';
import type { Preparation } from '../init/preparation.ts';
import { prepareDatabase } from '../init/prepare-database.ts';
import { preparedLines } from '../init/report-prepared.ts';
import {
  addRoutingOptions,
  checkRoutingFlags,
  prepareRoutings,
  type RoutingFlags,
  routingLines,
} from '../init/routing-setup.ts';
import {
  addLoaderConfigOptions,
  type LoaderConfigFlags,
  loaderConfigAccess,
} from '../loader-config-options.ts';
import type { RunCommand } from '../run-command.ts';
import { addS3Options, awsSettings, s3SettingsOf } from '../s3-options.ts';
import type { Terminal } from '../terminal.ts';

interface InitFlags extends ConnectionFlags, LoaderConfigFlags, RoutingFlags {
  readonly engine?: EngineName | 'auto';
  readonly role?: readonly string[];
  readonly allowLocation?: readonly string[];
  readonly printSql?: boolean;
  readonly json?: boolean;
}

const HELP = `
S3 settings:
  Those given are written over those the database has; without any, only the schema is prepared.
  Keys and region that are found nowhere come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION,
  unless AWS_SESSION_TOKEN says that they are temporary.
  --s3-default-credentials stores no keys, and removes those stored: every loader then finds credentials as
  AWS's own tools do (environment, profile, role of the machine). Not for engines that keep keys in a statement.

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
      'let the database download staged files from here (may be repeated)',
      collected,
    )
    .option(
      '--print-sql',
      'change nothing, print the SQL for an administrator (without the secret)',
    )
    .option('--json', 'print one JSON object');
  addRoutingOptions(command);
  addEngineOption(command);
  addS3Options(command);
  addLoaderConfigOptions(command);
  addConnectionOptions(command).addHelpText('after', HELP);
  command.action((flags: InitFlags) =>
    run(() => init(flags, preparationOf(command, flags), terminal)),
  );
}

function preparationOf(command: Command, flags: InitFlags): Preparation {
  return {
    engine: flags.engine ?? 'auto',
    roles: flags.role ?? [],
    trusted: trustedOf(flags),
    s3: s3SettingsOf(command),
    s3Fallback: awsSettings(process.env),
    locations: flags.allowLocation ?? [],
  };
}

/** @throws RelytError CONFIG_INVALID */
function trustedOf(flags: LoaderConfigFlags): TrustedConfig {
  return trustedConfig(resolveAccess(loaderConfigAccess(flags)));
}

async function init(
  flags: InitFlags,
  preparation: Preparation,
  terminal: Terminal,
): Promise<ExitCode> {
  checkRoutingFlags(flags);
  if (flags.printSql) {
    const sql = await administratorScript(preparation);
    if (flags.json) terminal.printJson({ ok: true, sql });
    else terminal.printScript(sql);
    return EXIT.done;
  }
  const { prepared, routing } = await withConnection(flags, async (database) => {
    const prepared = await prepareDatabase(database, preparation);
    return { prepared, routing: await prepareRoutings(database, flags, prepared) };
  });
  const result = { ok: true, ...prepared, ...(flags.routing === undefined ? {} : { routing }) };
  const lines = [...preparedLines(prepared), ...routingLines(routing)];
  if (flags.json) terminal.printJson(result);
  else terminal.print(...lines);
  return EXIT.done;
}
