import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { AccessConfig } from '../config/access-config.ts';
import { RelytError } from '../errors.ts';
import { requiredToken } from './access-token.ts';
import { monitorApp } from './monitor-app.ts';
import { MonitoredDatabase } from './monitored-database.ts';
import { readPageFiles } from './page-files.ts';

export interface MonitorOptions {
  readonly access: AccessConfig;
  /** Where it listens: a name or address. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 for a free one. */
  readonly port: number;
  /** Required where other machines can reach it. */
  readonly token?: string | undefined;
}

/** A monitor that runs. */
export interface Monitor {
  /** Of its page. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** @throws RelytError CONFIG_INVALID when it needs a token, or cannot listen there */
export async function startMonitor({
  access,
  host = LOOPBACK,
  port,
  token,
}: MonitorOptions): Promise<Monitor> {
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
  return {
    url: urlOf(server.address() as AddressInfo),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      // A page that is open keeps its connection.
      server.closeAllConnections();
      await closed;
      await database.close();
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RelytError(
      'CONFIG_INVALID',
      `the monitor cannot listen on ${host}:${port}: ${code}`,
      {
        hint: 'Choose another port with --port (0 takes a free one), or another address of this machine with --host.',
        cause: error,
      },
    );
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}
