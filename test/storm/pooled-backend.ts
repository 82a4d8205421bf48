/** A backend of PostgreSQL that serves one client of the pooler after the other. */

import type net from 'node:net';

export interface Startup {
  /** As the client sent it. */
  readonly message: Buffer;
  readonly applicationName: string;
  /** Role, database and settings: clients for which it is equal may have the same backend. */
  readonly key: string;
}

const CLEANED = `reset session authorization; reset all; deallocate all; close all; discard temp; discard sequences;
  set application_name = 'a free backend'`;
const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
/** ReadyForQuery outside of a transaction. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const TERMINATE = 0x58;
/** Type and length of a message. */
const HEAD_BYTES = 5;

function query(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  const message = Buffer.alloc(5);
  message.write('Q');
  message.writeInt32BE(4 + text.length, 1);
  return Buffer.concat([message, text]);
}

export class Backend {
  readonly key: string;
  freeSince = 0;
  readonly #upstream: net.Socket;
  readonly #startup: Buffer;
  /** Settings of the session and the key of the backend, as it told them to its first client. */
  #greeting: Buffer | undefined;

  constructor(upstream: net.Socket, { key, message }: Startup) {
    this.key = key;
    this.#upstream = upstream;
    this.#startup = message;
  }

  get isOpen(): boolean {
    return !this.#upstream.destroyed && this.#upstream.readable && this.#upstream.writable;
  }

  /** Resolves when the client is gone; to whether another one can have the backend. */
  async serve(client: net.Socket, applicationName: string): Promise<boolean> {
    await this.#greet(client, applicationName);
    const saidGoodbye = await this.#connected(client);
    if (!saidGoodbye || !(await this.#asks(CLEANED))) {
      this.#upstream.destroy();
      return false;
    }
    this.freeSince = performance.now();
    return true;
  }

  async #greet(client: net.Socket, applicationName: string): Promise<void> {
    if (this.#greeting === undefined) {
      this.#upstream.write(this.#startup);
      return;
    }
    const name = applicationName.replaceAll("'", "''");
    if (await this.#asks(`set application_name = '${name}'`))
      client.write(Buffer.concat([AUTHENTICATED, this.#greeting]));
    else client.destroy();
  }

  /** Passes everything on, until one of the two ends it. Whether it was the client, orderly and outside of a transaction. */
  #connected(client: net.Socket): Promise<boolean> {
    const upstream = this.#upstream;
    const said = new ClientMessages();
    const heard: Buffer[] = [];
    let tail = READY;
    return new Promise((resolve) => {
      const onAnswer = (chunk: Buffer) => {
        tail = Buffer.concat([tail, chunk.subarray(-READY.length)]).subarray(-READY.length);
        client.write(chunk);
        if (this.#greeting !== undefined) return;
        heard.push(chunk);
        if (tail.equals(READY)) this.#greeting = greetingOf(Buffer.concat(heard));
      };
      const onMessage = (chunk: Buffer) => {
        said.take(chunk);
        if (said.saidGoodbye) client.end();
        else {
          tail = Buffer.alloc(0);
          upstream.write(chunk);
        }
      };
      const onUpstreamEnd = () => client.end();
      const onClose = () => {
        client.off('data', onMessage);
        upstream.off('data', onAnswer).off('end', onUpstreamEnd).off('close', onClose);
        client.destroy();
        resolve(said.saidGoodbye && tail.equals(READY) && this.isOpen);
      };
      upstream.on('data', onAnswer).once('end', onUpstreamEnd).once('close', onClose);
      client.on('data', onMessage).once('close', onClose);
      client.resume();
      if (client.destroyed || upstream.destroyed) onClose();
    });
  }

  /** Has the backend run something for the pooler. False when it is gone. */
  #asks(sql: string): Promise<boolean> {
    const upstream = this.#upstream;
    if (!this.isOpen) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (isDone: boolean) => {
        upstream.off('data', onAnswer).off('close', onClose);
        resolve(isDone);
      };
      const onAnswer = (chunk: Buffer) => {
        if (chunk.subarray(-READY.length).equals(READY)) finish(true);
      };
      const onClose = () => finish(false);
      upstream.on('data', onAnswer).once('close', onClose);
      upstream.write(query(sql));
    });
  }
}

/** What follows AuthenticationOk. */
function greetingOf(heard: Buffer): Buffer {
  return heard.subarray(heard.indexOf(AUTHENTICATED) + AUTHENTICATED.length);
}

/** Where in the stream of a client messages begin: only there a byte tells what is said. */
class ClientMessages {
  saidGoodbye = false;
  /** Bytes of the message under way that are still to come. */
  #left = 0;
  #head = Buffer.alloc(0);

  take(chunk: Buffer): void {
    let at = Math.min(this.#left, chunk.length);
    this.#left -= at;
    while (at < chunk.length) {
      const rest = chunk.subarray(at, at + HEAD_BYTES - this.#head.length);
      this.#head = Buffer.concat([this.#head, rest]);
      at += rest.length;
      if (this.#head.length === HEAD_BYTES) at = this.#passBody(chunk, at);
    }
  }

  #passBody(chunk: Buffer, at: number): number {
    this.saidGoodbye ||= this.#head.readUInt8(0) === TERMINATE;
    // The length counts itself.
    const end = at + this.#head.readInt32BE(1) - 4;
    this.#head = Buffer.alloc(0);
    this.#left = Math.max(0, end - chunk.length);
    return Math.min(end, chunk.length);
  }
}
