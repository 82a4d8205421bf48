/** A PostgreSQL server and an S3 server that live and end together. */

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RelytDevError } from './dev-error.ts';
import type { PostgresBinaries } from './postgres/postgres-binaries.ts';
import { type RunningPostgres, startPostgres } from './postgres/server.ts';
import { startS3Server } from './s3/server.ts';

export interface StackOptions {
  /** Folder of both servers' files, kept and reused. Without it a temporary one, removed by `stop`. */
  readonly dataDir?: string | undefined;
  /** 0 or undefined: a free one. */
  readonly pgPort?: number | undefined;
  /** 0 or undefined: a free one. */
  readonly s3Port?: number | undefined;
  /** Made up by default; with a `dataDir`, once. */
  readonly accessKey?: string | undefined;
  /** Made up by default; with a `dataDir`, once. */
  readonly secretKey?: string | undefined;
  /** Made when missing; `relyt` by default. */
  readonly bucket?: string | undefined;
  /** `us-east-1` by default. */
  readonly region?: string | undefined;
  /** Those of the optional package by default, else the newest of the system. */
  readonly binaries?: PostgresBinaries | undefined;
  /** Settings of the PostgreSQL server. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Gets every line of PostgreSQL's log. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** What a client needs to reach the S3 server. */
export interface StackS3 {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly region: string;
}

export interface Stack {
  readonly postgres: RunningPostgres;
  readonly s3: StackS3;
  /** Stops both servers and removes a temporary folder. Repeated calls are harmless. */
  stop(): Promise<void>;
}

// What is thrown away in the end need not survive a crash of the machine.
const THROWAWAY_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts both servers side by side; when one fails, the other is stopped again.
 *
 * @throws RelytDevError DEV_SERVER_UNAVAILABLE
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  if (options.dataDir !== undefined) return startIn(path.resolve(options.dataDir), options);
  const folder = temporaryFolder();
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const settings = { ...THROWAWAY_SETTINGS, ...options.settings };
    const stack = await startIn(folder, { ...options, settings });
    return { ...stack, stop: once(() => stack.stop().finally(removeFolder)) };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

async function startIn(folder: string, options: StackOptions): Promise<Stack> {
  makeFolder(path.join(folder, 's3'));
  const s3 = s3Settings(folder, options);
  const servers = await startBoth(
    startPostgres({
      dataDir: path.join(folder, 'postgres'),
      port: options.pgPort,
      binaries: options.binaries,
      settings: options.settings,
      onLog: options.onLog,
    }),
    startS3Server({
      dataDir: path.join(folder, 's3'),
      port: options.s3Port ?? 0,
      accessKey: s3.accessKey,
      secretKey: s3.secretKey,
      region: s3.region,
      buckets: [s3.bucket],
    }),
  );
  const [postgres, { endpoint }] = servers;
  return { postgres, s3: { ...s3, endpoint }, stop: once(() => stopAll(servers)) };
}

/** Later calls get the outcome of the first. */
function once(work: () => Promise<void>): () => Promise<void> {
  let outcome: Promise<void> | undefined;
  return () => {
    outcome ??= work();
    return outcome;
  };
}

interface Stoppable {
  stop(): Promise<void>;
}

/** Both, or none: what did start is stopped again when the other did not. */
async function startBoth<A extends Stoppable, B extends Stoppable>(
  first: Promise<A>,
  second: Promise<B>,
): Promise<[A, B]> {
  const results = await Promise.allSettled([first, second]);
  const started = results.filter((result) => result.status === 'fulfilled');
  if (started.length < results.length) {
    // The error to report is why one did not start, not how the other stopped.
    await stopAll(started.map((result) => result.value)).catch(() => undefined);
  }
  return Promise.all([first, second]);
}

/** Stops every one of them, whatever happens to the others; then throws the first failure. */
async function stopAll(servers: readonly Stoppable[]): Promise<void> {
  const results = await Promise.allSettled(servers.map((server) => server.stop()));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The data directory cannot be made: ${reason}.`;
    const hint = 'Choose a folder that this user may write.';
    throw new RelytDevError('DEV_SERVER_UNAVAILABLE', message, { hint, cause });
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'relyt-stack-'));
  // Passable, not readable: as root, PostgreSQL runs as another user and must get to its own folder.
  chmodSync(folder, 0o711);
  return folder;
}

// Kept with the data: a database that was told these keys must find them valid after a restart.
function s3Settings(folder: string, options: StackOptions): Omit<StackS3, 'endpoint'> {
  const { accessKey, secretKey } = options;
  const kept =
    accessKey !== undefined && secretKey !== undefined
      ? { accessKey, secretKey }
      : { ...keptKeys(path.join(folder, 's3-credentials.json')) };
  return {
    accessKey: accessKey ?? kept.accessKey,
    secretKey: secretKey ?? kept.secretKey,
    bucket: options.bucket ?? 'relyt',
    region: options.region ?? 'us-east-1',
  };
}

function keptKeys(file: string): { accessKey: string; secretKey: string } {
  const fresh = {
    accessKey: `RELYT${randomBytes(8).toString('hex').toUpperCase()}`,
    secretKey: randomBytes(30).toString('base64url'),
  };
  try {
    writeFileSync(file, JSON.stringify(fresh), { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return JSON.parse(readFileSync(file, 'utf8')) as typeof fresh;
  }
}
