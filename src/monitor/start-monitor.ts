import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { z } from 'zod';
import type { AccessConfig } from '../config/access-config.ts';
import { name } from '../config/access-schema.ts';
import { checkedConfig } from '../config/checked-config.ts';
import { RelytError } from '../errors.ts';
import { requiredToken } from './access-token.ts';
import { monitorApp } from './monitor-app.ts';
import { MonitoredDatabase } from './monitored-database.ts';
import { readPageFiles } from './page-files.ts';

export interface MonitorOptions {
  /**
   * Name or address to listen on. Other machines can reach all but a loopback address, which needs a token.
   * @default '127.0.0.1'
   * @example '0.0.0.0'
   */
  readonly host?: string | undefined;
  /**
   * Port; 0 takes a free one.
   * @default 8642
   * @example 0
   */
  readonly port?: number | undefined;
  /**
   * Asked for by the page, and by programs as `Authorization: Bearer TOKEN`: at least 16 characters.
   * @example '5f0c8e6a1b7d4c39'
   */
  readonly token?: string;
  /**
   * Closes the monitor.
   * @example AbortSignal.timeout(60_000)
   */
  readonly signal?: AbortSignal | undefined;
}

/** A monitor that runs. */
export interface Monitor extends AsyncDisposable {
  /** Of its page. */
  readonly url: string;
  /** Ends the server; resolves when its port is free again. */
  close(): Promise<void>;
}

const optionsSchema = z.strictObject({
  host: name.default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8642),
  token: z.string().optional(),
  signal: z
    .custom<AbortSignal>((value) => value instanceof AbortSignal, 'expected an AbortSignal')
    .optional(),
});

/** @throws RelytError CONFIG_INVALID when it needs a token, or cannot listen there */
export async function startMonitor(
  access: AccessConfig,
  options: MonitorOptions,
): Promise<Monitor> {
  const { host, port, token, signal } = checkedConfig(optionsSchema, options);
  checkTokenGiven(options);
  signal?.throwIfAborted();
  const gate = { host, token: requiredToken(host, token) };
  const files = readPageFiles();
  const database = new MonitoredDatabase(access);
  const fetch = monitorApp({ ...gate, database, files });
  const server = createAdaptorServer({ fetch }) as Server;
  try {
    await listen(server, host, port);
  } catch (error) {
    await database.close();
    throw error;
  }
  const { address, family, port: taken } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/`;
  return running(url, () => closed(server, database), signal);
}

/** Closed once, by the first caller. */
function running(url: string, end: () => Promise<void>, signal: AbortSignal | undefined): Monitor {
  let closing: Promise<void> | undefined;
  const close = () => {
    signal?.removeEventListener('abort', onAbort);
    closing ??= end();
    return closing;
  };
  const onAbort = () => void close();
  signal?.addEventListener('abort', onAbort);
  return { url, close, [Symbol.asyncDispose]: close };
}

async function closed(server: Server, database: MonitoredDatabase): Promise<void> {
  const isClosed = once(server, 'close');
  server.close();
  // A page that is open keeps its connection.
  server.closeAllConnections();
  await isClosed;
  await database.close();
}

/**
 * A variable of the environment that is not set must not open the page to every program of the machine.
 * @throws RelytError CONFIG_INVALID
 */
function checkTokenGiven(options: MonitorOptions): void {
  if (!Object.hasOwn(options, 'token') || options.token !== undefined) return;
  throw new RelytError('CONFIG_INVALID', 'The token of the monitor is undefined.', {
    hint: 'Give it a value (is a variable of the environment not set?), or leave it out of the object.',
  });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RelytError(
      'CONFIG_INVALID',
      `The monitor cannot listen on ${host}:${port}: ${code}.`,
      {
        hint: 'Choose another port with --port (0 takes a free one), or another address of this machine with --host.',
        cause: error,
      },
    );
  }
}
