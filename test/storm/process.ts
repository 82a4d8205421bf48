/**
 * A loader "process" inside this one. All it does runs in one asynchronous context, by which its sockets, its requests
 * to S3 and its failpoints are known. A dead one says nothing more to any server: its connections are cut as the kernel
 * cuts those of a killed process, and it gets no new ones. A sleeping one is silent until it wakes.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import net from 'node:net';
import { armFailpoint, FAILPOINTS, type FailpointName } from '../../src/failpoints.ts';
import type { ObjectStore } from '../../src/staging/object-store.ts';
import type { PartPool } from '../../src/staging/part-pool.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { s3Fault } from '../support/memory-object-store.ts';

const contexts = new AsyncLocalStorage<StormProcess>();

/** The process in which the caller runs; undefined for the test itself. */
export function currentProcess(): StormProcess | undefined {
  return contexts.getStore();
}

/** What its fate does is done by others: their connections are not its own. */
function outside<T>(act: () => T): T {
  return contexts.exit(act);
}

/** What happens to a process, as it comes by a place of the code or sends something. */
export interface Fate {
  /** At a failpoint, the `hit`th time it comes there. */
  reaches?(process: StormProcess, name: FailpointName, hit: number): Promise<void> | void;
  /** Before it sends its `count`th statement or request. */
  sends?(process: StormProcess, count: number): void;
  /** What becomes of its `count`th COMMIT. */
  commits?(count: number): 'before' | 'after' | undefined;
}

export class StormProcess {
  readonly #fate: Fate;
  readonly #store: ObjectStore | undefined;
  readonly #sockets = new Set<net.Socket>();
  readonly #hits = new Map<FailpointName, number>();
  readonly #killed = deferred<'killed'>();
  /** The memory of its files. */
  readonly pools: Pick<PartPool, 'inUse'>[] = [];
  #state: 'alive' | 'dead' = 'alive';
  #asleep: Deferred<void> | undefined;
  #databaseIsAway = false;
  #awayStorage: Deferred<void> | undefined;
  #moved = 0;
  #sent = 0;
  #commits = 0;

  /** @param store of S3, where it is in memory */
  constructor(fate: Fate, store: ObjectStore | undefined) {
    this.#fate = fate;
    this.#store = store && guarded(store, this);
  }

  get store(): ObjectStore | undefined {
    return this.#store;
  }

  /** When it came by a failpoint last: heartbeats of a load that hangs are no sign of life. */
  get moved(): number {
    return this.#moved;
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  /** Resolves when it is killed, never otherwise. */
  get killed(): Promise<'killed'> {
    return this.#killed.promise;
  }

  /** As people read them. */
  get openSockets(): readonly string[] {
    return [...this.#sockets].map(
      ({ readyState, localPort, remotePort, destroyed }) =>
        `${readyState} from ${localPort} to ${remotePort}${destroyed ? ', destroyed' : ''}`,
    );
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return contexts.run(this, work);
  }

  kill(): void {
    if (this.isDead) return;
    this.#state = 'dead';
    this.#cutAll();
    this.#asleep?.resolve();
    this.#killed.resolve('killed');
  }

  sleep(): void {
    this.#asleep ??= deferred();
    for (const socket of this.#sockets) {
      socket.cork();
      socket.pause();
    }
  }

  wake(): void {
    for (const socket of this.#sockets) {
      socket.resume();
      socket.uncork();
    }
    this.#asleep?.resolve();
    this.#asleep = undefined;
  }

  /** Servers that are away: connections break, and there are no new ones. */
  loses(server: 'database' | 'storage', isAway: boolean): void {
    if (server === 'storage') {
      this.#awayStorage?.resolve();
      this.#awayStorage = isAway ? deferred() : undefined;
      return;
    }
    this.#databaseIsAway = isAway;
    if (isAway) this.#cutAll();
  }

  async reaches(name: FailpointName): Promise<void> {
    this.#moved = performance.now();
    await this.#goesOn();
    const hit = (this.#hits.get(name) ?? 0) + 1;
    this.#hits.set(name, hit);
    await outside(() => this.#fate.reaches?.(this, name, hit));
    await this.#goesOn();
  }

  /** A request to an S3 that is in memory. */
  async requests<T>(name: keyof ObjectStore, request: () => Promise<T>): Promise<T> {
    await this.#goesOn();
    this.#sends();
    if (this.isDead) throw new KilledError();
    if (this.#awayStorage !== undefined) await this.#meetsAwayStorage(name);
    const answer = await request();
    // The request took effect; its answer is lost.
    await this.#goesOn();
    return answer;
  }

  /** The real store repeats what lists, looks and deletes for longer than a server is away here. */
  async #meetsAwayStorage(name: keyof ObjectStore): Promise<void> {
    if (WRITES.has(name)) throw s3Fault('S3_UNREACHABLE', 'ECONNREFUSED');
    await this.#awayStorage?.promise;
    await this.#goesOn();
  }

  connects(socket: net.Socket, connect: () => void): void {
    if (this.isDead || this.#databaseIsAway) {
      const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      // Never within the call that connects: as with a real refusal, its caller listens by then.
      setImmediate(() => socket.destroy(refused));
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const goOn = () => {
      if (socket.destroyed) return;
      connect();
      // Connecting gives a socket a new `write`.
      this.#listensTo(socket);
    };
    if (this.#asleep === undefined) goOn();
    else void this.#asleep.promise.then(goOn);
  }

  #listensTo(socket: net.Socket): void {
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = ((chunk: unknown, ...rest: unknown[]) => {
      this.#sends();
      if (socket.destroyed) return false;
      const lost = this.#lostCommit(chunk);
      if (lost === 'before') socket.destroy();
      if (lost === 'after') losesAnswer(socket);
      return lost === 'before' ? false : write(chunk, ...rest);
    }) as typeof socket.write;
  }

  #lostCommit(chunk: unknown): 'before' | 'after' | undefined {
    if (!(Buffer.isBuffer(chunk) && chunk.includes(COMMIT))) return undefined;
    return this.#fate.commits?.(++this.#commits);
  }

  #sends(): void {
    const count = ++this.#sent;
    outside(() => this.#fate.sends?.(this, count));
  }

  async #goesOn(): Promise<void> {
    await this.#asleep?.promise;
    if (this.isDead) throw new KilledError();
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

const WRITES: ReadonlySet<keyof ObjectStore> = new Set([
  'putObject',
  'createMultipart',
  'uploadPart',
  'completeMultipart',
]);

/** Ends what a dead process was about to do. It never leaves that process. */
class KilledError extends Error {
  constructor() {
    super('this process is dead');
  }
}

/** COMMIT is a statement of its own, and each is written by itself, so one chunk holds all of it. */
const COMMIT = Buffer.from('commit\0');

/** The server answers only when it has committed. */
function losesAnswer(socket: net.Socket): void {
  socket.push = () => {
    socket.destroy();
    return false;
  };
}

/** The store as this process reaches it. */
function guarded(store: ObjectStore, process: StormProcess): ObjectStore {
  return new Proxy(store, {
    get(target, name: keyof ObjectStore) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      const call = (...args: unknown[]) =>
        (member as (...args: unknown[]) => unknown).apply(target, args);
      if (name === 'close') return call;
      if (name !== 'list' && name !== 'listMultipartUploads')
        return (...args: unknown[]) => process.requests(name, async () => call(...args));
      return async function* (...args: unknown[]) {
        yield* await process.requests(name, () => all(call(...args) as AsyncIterable<unknown>));
      };
    },
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Has sockets and failpoints know their process from now on, until the end of the test. */
export function watchProcesses(): Disposable {
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    const go = () => void Reflect.apply(connect, this, args);
    const process = currentProcess();
    if (process === undefined) go();
    else process.connects(this, go);
    return this;
  } as typeof connect;
  const disarm = FAILPOINTS.map((name) =>
    armFailpoint(name, async () => currentProcess()?.reaches(name)),
  );
  return {
    [Symbol.dispose]() {
      net.Socket.prototype.connect = connect;
      for (const one of disarm) one();
    },
  };
}
