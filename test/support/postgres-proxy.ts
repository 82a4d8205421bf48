/** A TCP proxy in front of a PostgreSQL server that loses the answer to COMMIT, as a broken network would. */

import { ForwardingServer, type Line } from './forwarding-server.ts';

/** What happens to the next COMMIT that is met. */
export interface CommitFault {
  /** `before`: the COMMIT never arrives. `after`: the server commits, and its answer is lost. */
  readonly cut: 'before' | 'after';
  /** The COMMIT of a transaction in which this was said. */
  readonly having: string;
  /** So many of them pass before; default 0. */
  readonly passing?: number;
}

interface MetFault extends CommitFault {
  /** How many still pass. */
  left: number;
}

export class PostgresProxy implements AsyncDisposable {
  /** COMMITs whose answer was lost so far. */
  lost = 0;
  readonly #faults: MetFault[] = [];
  readonly #server: ForwardingServer;

  private constructor(server: ForwardingServer) {
    this.#server = server;
  }

  static async start(databaseUrl: string): Promise<PostgresProxy> {
    const server = await ForwardingServer.start(databaseUrl, (line) => proxy.#forward(line));
    const proxy = new PostgresProxy(server);
    return proxy;
  }

  /** The URL it was given, with the proxy's host and port. */
  get url(): string {
    return this.#server.url;
  }

  /** The next COMMIT that fits meets this fault; later ones pass. */
  loseCommit(fault: CommitFault): void {
    this.#faults.push({ ...fault, left: fault.passing ?? 0 });
  }

  /** Cuts every connection there is; new ones are welcome. */
  cutAll(): void {
    this.#server.cutAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #forward({ client, upstream }: Line): void {
    let said = '';
    let answerIsLost = false;
    client.on('data', (chunk) => {
      const isCommit = chunk.includes(COMMIT);
      said += chunk.toString('latin1');
      const fault = isCommit ? takeFault(this.#faults, said) : undefined;
      if (isCommit) said = '';
      if (fault === undefined) return void upstream.write(chunk);
      this.lost++;
      if (fault.cut === 'before') return void client.destroy();
      answerIsLost = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // The server answers only when it has committed.
      if (answerIsLost) client.destroy();
      else client.write(chunk);
    });
  }
}

/** COMMIT is a statement of its own, and the last one of a message, so one chunk holds all of it. */
const COMMIT = Buffer.from('commit\0');

function takeFault(faults: MetFault[], said: string): CommitFault | undefined {
  const index = faults.findIndex((fault) => said.includes(fault.having) && fault.left-- === 0);
  return index < 0 ? undefined : faults.splice(index, 1)[0];
}
