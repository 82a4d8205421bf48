/** Which function gives the S3 settings, and which roles to trust: the same flags for every command that reads them. */

import { type Command, Option } from 'commander';
import type { AccessConfig } from '../config/access-config.ts';
import { s3OverridesOf } from './s3-options.ts';

export interface LoaderConfigFlags {
  readonly loaderConfig?: string;
  readonly loaderConfigOwner?: string;
}

export function addLoaderConfigOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--loader-config <schema.function>',
        'function that returns the S3 settings, if it is not relyt_sys.loader_config',
      ).env('RELYT_LOADER_CONFIG'),
    )
    .addOption(
      new Option(
        '--loader-config-owner <role>',
        'role that may own this function, besides superusers and the owner of relyt_sys',
      ).env('RELYT_LOADER_CONFIG_OWNER'),
    );
}

type LoaderConfigAccess = Pick<AccessConfig, 'loaderConfig' | 'loaderConfigOwner'>;

/** Which roles to trust, as far as the flags say. */
export function loaderConfigAccess(flags: LoaderConfigFlags): LoaderConfigAccess {
  const { loaderConfig, loaderConfigOwner } = flags;
  return {
    ...(loaderConfig === undefined ? {} : { loaderConfig }),
    ...(loaderConfigOwner === undefined ? {} : { loaderConfigOwner }),
  };
}

/** Where S3 is: what the environment says, and which roles of the database to trust. @throws RelytError CONFIG_INVALID */
export function s3AccessOf(
  flags: LoaderConfigFlags,
): LoaderConfigAccess & Pick<AccessConfig, 's3'> {
  return { s3: s3OverridesOf(process.env), ...loaderConfigAccess(flags) };
}
