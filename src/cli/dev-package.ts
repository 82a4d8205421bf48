/** The package relyt-dev, as far as `relyt dev` needs it. This package does not depend on it. */

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { RelytError } from '../errors.ts';

const PACKAGE = 'relyt-dev';

export interface DevPackage {
  startStack(options: {
    readonly pgPort?: number | undefined;
    readonly s3Port?: number | undefined;
    readonly dataDir?: string | undefined;
  }): Promise<DevStack>;
}

/** A PostgreSQL and an S3 server that run. */
export interface DevStack {
  readonly postgres: {
    readonly url: string;
    readonly host: string;
    readonly port: number;
    readonly version: string;
  };
  readonly s3: {
    readonly endpoint: string;
    readonly accessKey: string;
    readonly secretKey: string;
    readonly bucket: string;
    readonly region: string;
  };
  stop(): Promise<void>;
}

/** An error of that package, which has codes of its own. */
export interface DevError extends Error {
  readonly code: string;
  readonly hint: string;
}

/** @throws RelytError DEV_PACKAGE_MISSING */
export async function loadDevPackage(): Promise<DevPackage> {
  return (await import(pathToFileURL(entryFile()).href)) as DevPackage;
}

/** By its name: errors of a database have code and hint as well. */
export function isDevError(thrown: unknown): thrown is DevError {
  if (!(thrown instanceof Error) || thrown.name !== 'RelytDevError') return false;
  const { code, hint } = thrown as Partial<DevError>;
  return typeof code === 'string' && typeof hint === 'string';
}

function entryFile(): string {
  // The second place serves a `relyt` that does not stand beside it, because it is installed globally or by a package
  // manager that keeps packages apart, and is run inside a project that has it.
  const paths = [import.meta.dirname, process.cwd()];
  try {
    return createRequire(import.meta.url).resolve(PACKAGE, { paths });
  } catch (cause) {
    const message = `The package ${PACKAGE}, which \`relyt dev\` runs, is not installed.`;
    throw new RelytError('DEV_PACKAGE_MISSING', message, { cause });
  }
}
