/** The command, against the database and the prefix of a test target. */

import type { AccessConfig } from '../../../src/config/access-config.ts';
import type { TestTarget } from '../../support/loading.ts';
import { s3Config } from '../../support/loading.ts';
import { type RelytResult, relyt, s3Environment } from './relyt.ts';

/** Runs `relyt` with the target's database and prefix in its environment. */
export function relytOn(target: TestTarget, ...args: readonly string[]): Promise<RelytResult> {
  return relyt(args, { env: environmentOf(target) });
}

export function environmentOf(target: TestTarget): Record<string, string> {
  return { DATABASE_URL: target.database.url, ...s3Environment(target.prefix) };
}

/** What a command with `--json` said. */
export function said(result: RelytResult): Record<string, unknown> {
  return JSON.parse(result.stdout) as Record<string, unknown>;
}

/** The same database and prefix for the library. */
export function accessTo(target: TestTarget): AccessConfig {
  return {
    postgresql: { connectionString: target.database.url },
    s3: { ...s3Config(), prefix: target.prefix },
  };
}
