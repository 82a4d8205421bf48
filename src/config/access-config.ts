import type { ConnectionConfig } from './connection-config.ts';
import type { S3Config } from './s3-config.ts';

/** Where the S3 settings come from. */
export interface LoaderConfigSource {
  /**
   * Function without arguments that returns the S3 settings, as 'schema.function'. Default: relyt_sys.loader_config(), else
   * the table relyt_sys.sdk_loader_config. No other function is called unless it is named here.
   * @example 'public.loader_config'
   */
  readonly loaderConfig?: string | undefined;
  /**
   * Role that may own the function or table of the S3 settings. Superusers and the owner of the schema relyt_sys are
   * always trusted.
   * @example 'app_owner'
   */
  readonly loaderConfigOwner?: string | undefined;
}

/**
 * Where the tasks are: the part of a configuration that needs no target table.
 *
 * @example
 * ```ts
 * import { type AccessConfig, listTasks } from 'relyt-sdk';
 *
 * const access: AccessConfig = { postgresql: { connectionString: process.env.DATABASE_URL } };
 * console.log(await listTasks(access));
 * ```
 */
export interface AccessConfig extends LoaderConfigSource {
  /**
   * Where the database is.
   * @example { host: 'db.example.com', username: 'loader', database: 'app' }
   */
  readonly postgresql?: ConnectionConfig | undefined;
  /**
   * Overrides of the S3 settings that LOADER_CONFIG() gives; all optional.
   * @example { importTimeoutSeconds: 1800 }
   */
  readonly s3?: S3Config | undefined;
}
