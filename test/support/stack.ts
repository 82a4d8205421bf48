/** The servers of this test run, as the global set-up started them. */

import { readFileSync, statSync } from 'node:fs';
import type { StackS3 } from 'relyt-dev';
import { inject } from 'vitest';

/** A server that tests make databases on. */
export interface TestServer {
  readonly name: string;
  /** Connection URL of the superuser. */
  readonly url: string;
  /** Rows live on segments: Greenplum and its relatives. */
  readonly isCluster?: boolean;
}

/** One PostgreSQL server that this test run started. */
export interface StackServer extends TestServer {
  readonly name: `postgres-${number}`;
  readonly logFile: string;
}

export interface TestStack {
  /** In the order of `majorsOf`; older ones where `make peers` could install them. */
  readonly servers: readonly StackServer[];
  /** The server and the bucket all tests share; each keeps to a prefix of its own. */
  readonly s3: StackS3;
}

declare module 'vitest' {
  export interface ProvidedContext {
    stack: TestStack;
  }
}

export function testStack(): TestStack {
  return inject('stack');
}

/** Major version of a PostgreSQL server; NaN for a cluster, whose own versions say little about that. */
export function majorOf({ name }: TestServer): number {
  return Number(/^postgres-(\d+)$/.exec(name)?.[1]);
}

const { RELYT_TEST_FULL, RELYT_TEST_VERSIONS } = process.env;

/**
 * For what depends on no version of PostgreSQL: the newest server, unless RELYT_TEST_FULL or RELYT_TEST_VERSIONS asks for
 * more. The suite `versions` holds every guarantee on the others.
 */
export function newestServers(): readonly StackServer[] {
  const { servers } = testStack();
  const wantsAll = RELYT_TEST_FULL === '1' || RELYT_TEST_VERSIONS !== undefined;
  return wantsAll ? servers : servers.slice(0, 1);
}

/** The server for tests that need only one: the newest. */
export function defaultServer(): StackServer {
  const [server] = testStack().servers;
  if (server === undefined) throw new Error('the global set-up provided no PostgreSQL server');
  return server;
}

/** Starts to watch a server's log; the returned function gives what it wrote since, up to its call. */
export function watchLog(server: StackServer): () => string {
  const from = statSync(server.logFile).size;
  return () => readFileSync(server.logFile).subarray(from).toString('utf8');
}
