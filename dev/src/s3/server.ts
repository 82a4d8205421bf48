import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RelytDevError } from '../dev-error.ts';
import { BucketFolder } from './bucket-folder.ts';
import { lockFolder } from './folder-lock.ts';
import { handleRequest } from './request-handler.ts';
import { S3Error } from './s3-error.ts';

export interface S3ServerOptions {
  /** Folder for everything stored; made if needed, used by one server at a time, kept by `stop()`. */
  readonly dataDir: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** Address to listen on, default 127.0.0.1: only this machine. */
  readonly host?: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Region that signatures must name, default us-east-1. */
  readonly region?: string;
  /** Buckets to make at the start if they are not there. */
  readonly buckets?: readonly string[];
  /** The clock, for signatures, expiry and Last-Modified; default the machine's. */
  readonly now?: () => Date;
  /** Notified of faults of the server itself (a full disk, say), which clients see only as InternalError. */
  readonly onFault?: (fault: unknown) => void;
}

export interface RunningS3Server {
  /** Such as http://127.0.0.1:40123, for path-style requests. */
  readonly endpoint: string;
  readonly port: number;
  /** Cuts all connections and frees the folder; what is stored stays. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts an S3 server for development and tests, within this process and without dependencies.
 * It verifies signatures, expiry and checksums as AWS does; it does not sync to disk and knows one user.
 *
 * Throws DEV_OPTION_INVALID for a bad bucket name, DEV_SERVER_UNAVAILABLE when the folder or the port cannot be had.
 */
export async function startS3Server(options: S3ServerOptions): Promise<RunningS3Server> {
  const unlock = await lockFolder(options.dataDir);
  try {
    const store = await BucketFolder.open(options.dataDir);
    await makeBuckets(store, options);
    const running = await serve(store, options);
    const stop = async (): Promise<void> => {
      await running.stop();
      await store.blobs.settle();
      await unlock();
    };
    let stopped: Promise<void> | undefined;
    return {
      endpoint: running.endpoint,
      port: running.port,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function makeBuckets(store: BucketFolder, options: S3ServerOptions): Promise<void> {
  const created = (options.now?.() ?? new Date()).toISOString();
  for (const name of options.buckets ?? []) {
    try {
      await store.create(name, created);
    } catch (cause) {
      if (!(cause instanceof S3Error)) throw cause;
      throw new RelytDevError('DEV_OPTION_INVALID', `'${name}' is not a valid bucket name.`, {
        hint: 'Use 3 to 63 lower-case letters, digits, dots and hyphens.',
        cause,
      });
    }
  }
}

async function serve(store: BucketFolder, options: S3ServerOptions): Promise<RunningS3Server> {
  const { accessKey, secretKey, region = 'us-east-1', now = () => new Date() } = options;
  const { onFault = () => undefined } = options;
  const handler = { store, identity: { accessKey, secretKey, region }, now, onFault };
  const underWay = new Set<Promise<void>>();
  const accept =
    (continueExpected: boolean) => (incoming: IncomingMessage, response: ServerResponse) => {
      const exchange: Promise<void> = handleRequest(
        handler,
        incoming,
        response,
        continueExpected,
      ).finally(() => underWay.delete(exchange));
      underWay.add(exchange);
    };
  // No limit on the duration of a request: an upload may be slow, a download as slow as the database
  // that reads it. The head of a request has Node's usual 60 s.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, accept(false));
  server.on('checkContinue', accept(true));
  const { host = '127.0.0.1' } = options;
  const port = await listen(server, host, options.port ?? 0);
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      // Their files are closed and their leftovers removed only then.
      await Promise.all(underWay);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The S3 server cannot listen on ${host}:${port}.`;
      const hint = 'Choose another port, or 0 for a free one.';
      reject(new RelytDevError('DEV_SERVER_UNAVAILABLE', message, { hint, cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
