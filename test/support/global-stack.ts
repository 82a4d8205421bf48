/** Starts the servers all integration tests share, once per run, and removes every trace of them. */

import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type StackS3, startPostgres, startS3Server } from 'relyt-dev';
import type { TestProject } from 'vitest/node';
import { binariesOf, majorsOf, NEWEST, notInstalled } from './server-versions.ts';
import type { StackServer } from './stack.ts';
import { makeTemplates } from './templates.ts';

const S3 = {
  accessKey: 'RELYTTESTACCESSKEY01',
  secretKey: 'relyt-test-secret/with+signs=0123456789',
  bucket: 'relyt-test',
  region: 'us-east-1',
};

// Nothing here has to survive the machine; what a crash of the server keeps is not affected.
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '400',
};

/** Files in memory: temporary tables make and remove thousands of them, which costs a disk's file system more than the rest. */
const SHARED_MEMORY = '/dev/shm';
const LEAST_FREE_BYTES = 8 * 1024 ** 3;

function rootOfServers(): string {
  if (!existsSync(SHARED_MEMORY)) return os.tmpdir();
  const { bavail, bsize } = statfsSync(SHARED_MEMORY);
  const free = Math.min(bavail * bsize, os.freemem());
  return free >= LEAST_FREE_BYTES ? SHARED_MEMORY : os.tmpdir();
}

interface Stoppable {
  stop(): Promise<void>;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(path.join(rootOfServers(), 'relyt-test-'));
  // As root, PostgreSQL runs as another user, who has to get through here.
  chmodSync(folder, 0o711);
  const running: Stoppable[] = [];
  const tearDown = async (): Promise<void> => {
    const results = await Promise.allSettled(running.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };
  const postgres = async (major: number): Promise<StackServer[]> => {
    const name = `postgres-${major}` as const;
    const dataDir = path.join(folder, name);
    const binaries = major === NEWEST ? undefined : await binariesOf(major, dataDir);
    if (major !== NEWEST && binaries === undefined) return [];
    const server = await startPostgres({ dataDir, binaries, settings: SETTINGS });
    running.push(server);
    await makeTemplates(server.url, major);
    return [{ name, url: server.url, logFile: server.logFile }];
  };
  const s3 = async (): Promise<StackS3> => {
    const { accessKey, secretKey, region, bucket } = S3;
    const dataDir = path.join(folder, 's3');
    const server = await startS3Server({
      dataDir,
      accessKey,
      secretKey,
      region,
      buckets: [bucket],
    });
    running.push(server);
    return { ...S3, endpoint: server.endpoint };
  };
  const { majors, why } = majorsOf(project.name);
  process.stdout.write(`${project.name}: PostgreSQL ${majors.join(', ')} (${why})\n`);
  const missing = notInstalled(majors);
  if (missing.length > 0)
    process.stdout.write(
      `${project.name}: left out, not installed: PostgreSQL ${missing.join(', ')}\n`,
    );
  const starts = majors.map(postgres);
  const objects = s3();
  try {
    // Settled first: a server that is still starting when another fails must be stopped, too.
    await Promise.allSettled([...starts, objects]);
    project.provide('stack', { servers: (await Promise.all(starts)).flat(), s3: await objects });
    return tearDown;
  } catch (error) {
    await tearDown();
    throw error;
  }
}
