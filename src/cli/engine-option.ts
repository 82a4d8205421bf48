import { type Command, Option } from 'commander';
import { ENGINE_NAMES, type EngineName } from '../engines/profiles.ts';

export interface EngineFlags {
  readonly engine?: EngineName | 'auto';
  readonly greenplumConfig?: string;
  readonly greenplumConfigServer?: string;
  readonly greenplumSection?: string;
  readonly awsS3Endpoint?: string;
}

/** `--engine`, for every command that loads or prepares. */
export function addEngineOption(command: Command): Command {
  return command.addOption(
    new Option('--engine <engine>', 'how the database reads staged files; see relyt engines')
      .choices(['auto', ...ENGINE_NAMES])
      .env('RELYT_ENGINE'),
  );
}

/** `--engine` with what single engines can be told, for commands that load. */
export function addEngineOptions(command: Command): Command {
  return addEngineDetails(addEngineOption(command));
}

/** What single engines can be told. */
export function addEngineDetails(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--greenplum-config <path>',
        "the s3 protocol's configuration file on the segment hosts",
      ).env('RELYT_GREENPLUM_CONFIG'),
    )
    .addOption(
      new Option('--greenplum-config-server <url>', 'where segments get that file instead').env(
        'RELYT_GREENPLUM_CONFIG_SERVER',
      ),
    )
    .addOption(
      new Option('--greenplum-section <name>', 'section of that file').env(
        'RELYT_GREENPLUM_SECTION',
      ),
    )
    .addOption(
      new Option(
        '--aws-s3-endpoint <url>',
        'S3 endpoint for emulations of the extension aws_s3; not for RDS and Aurora',
      ).env('RELYT_AWS_S3_ENDPOINT'),
    );
}

/** The flags as settings of the library; what is not given stays away. */
export function engineSettingsOf(flags: EngineFlags) {
  return {
    engine: flags.engine,
    greenplum: givenOf({
      config: flags.greenplumConfig,
      configServer: flags.greenplumConfigServer,
      section: flags.greenplumSection,
    }),
    awsS3: givenOf({ endpointUrl: flags.awsS3Endpoint }),
  };
}

function givenOf<Name extends string>(
  settings: Readonly<Record<Name, string | undefined>>,
): { readonly [name in Name]?: string } {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { readonly [name in Name]?: string };
}
