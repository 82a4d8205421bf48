import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';
import { repeat } from '../repeat.ts';
import { LOOKUP_RETRY, withRetries } from './retry.ts';
import { connectS3, type S3Connection } from './s3-client.ts';
import { s3Error } from './s3-errors.ts';

/** What one call of the SDK is about. */
export interface S3Call {
  readonly operation: string;
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Options of one request, in the SDK's words. */
interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

type Run<T> = (connection: S3Connection, options: SendOptions) => Promise<T>;

/** Calls one S3 server through the SDK, and says in this package's errors what went wrong. */
export class S3Calls {
  /** For messages. */
  readonly location: string;
  readonly #settings: S3Settings;
  #connection: Promise<S3Connection> | undefined;
  #secrets: ReadonlySet<string> = new Set();
  #closed = false;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    const by = settings.client === undefined ? '' : ', by s3.client';
    this.location = `s3://${settings.bucket} at ${settings.endpoint}${by}`;
  }

  /** For idempotent operations: they change nothing, or nothing the second time. */
  repeated<T>(call: S3Call, run: Run<T>): Promise<T> {
    return withRetries(() => this.make(call, run), LOOKUP_RETRY, call.signal);
  }

  /** Once more after a wrong clock: the refusal told the SDK the server's time, and nothing was done. */
  make<T>(call: S3Call, run: Run<T>): Promise<T> {
    return repeat(() => this.#send(call, run), {
      retried: { step: 's3', processId: undefined },
      limits: { attempts: 2, baseMs: 0, maxMs: 0 },
      classify: (error) =>
        error instanceof RelytError && error.code === 'S3_CLOCK_SKEW' ? 'transient' : 'permanent',
    });
  }

  error(error: unknown, { operation, key, signal }: S3Call): RelytError {
    return s3Error(error, {
      operation,
      location: this.location,
      secrets: this.#secrets,
      ...(key === undefined ? {} : { key }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** A field that the answer must have. */
  given<T>(value: T | undefined, call: S3Call, field: string): T {
    if (value !== undefined && value !== '') return value;
    const message = `S3 ${call.operation} of "${call.key}" in ${this.location} answered without ${field}.`;
    throw new RelytError('S3_ERROR', message, { hint: 'Check that the endpoint is an S3 server.' });
  }

  close(): void {
    this.#closed = true;
    this.#connection?.then(
      ({ made }) => {
        for (const client of made) client.destroy();
      },
      () => {}, // the SDK could not be loaded, which every call has reported
    );
  }

  async #send<T>(call: S3Call, run: Run<T>): Promise<T> {
    const { signal } = call;
    try {
      if (this.#closed) throw new RelytError('CLOSED', `${this.location} was closed.`);
      this.#connection ??= connectS3(this.#settings);
      const connection = await this.#connection;
      this.#secrets = connection.secrets;
      await connection.learnSecrets();
      return await run(connection, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      throw this.error(error, call);
    }
  }
}
