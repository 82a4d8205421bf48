/** A real S3 server for the conformance suite: Ceph's radosgw with one monitor and one OSD, on this machine only. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface RunningRadosgw {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** Ends the three daemons and removes their folder. */
  stop(): Promise<void>;
}

const PROGRAMS = [
  'radosgw',
  'radosgw-admin',
  'ceph',
  'ceph-mon',
  'ceph-osd',
  'ceph-authtool',
  'monmaptool',
];
const START_MS = 120_000;
const run = promisify(execFile);

/** Why radosgw cannot run here; undefined when it can. */
export function radosgwMissing(): string | undefined {
  // The daemons drop to the user ceph or insist on root; as anybody else they do not start.
  if (process.getuid?.() !== 0) return 'needs root';
  const absent = PROGRAMS.filter((program) => !onPath(program));
  if (absent.length === 0) return undefined;
  return `${absent.join(', ')} not installed, see scripts/install-test-peers.sh`;
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

interface Ports {
  readonly monitorV2: number;
  readonly monitorV1: number;
  readonly gateway: number;
}

/** Starts the whole cluster in a temporary folder; takes 10 to 20 seconds. */
export async function startRadosgw(): Promise<RunningRadosgw> {
  const cluster = new Cluster(await freePorts());
  try {
    await cluster.startMonitor();
    await cluster.startOsd();
    return await cluster.startGateway();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer(), createServer()];
  // All open at once, so that they differ; the gap until the daemons bind them is accepted.
  const [monitorV2 = 0, monitorV1 = 0, gateway = 0] = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { monitorV2, monitorV1, gateway };
}

class Cluster {
  readonly #folder = mkdtempSync(join(tmpdir(), 'relyt-radosgw-'));
  readonly #fsid = randomUUID();
  readonly #ports: Ports;
  readonly #daemons: ChildProcess[] = [];
  readonly #killDaemons = (): void => {
    for (const daemon of this.#daemons) daemon.kill('SIGKILL');
  };

  constructor(ports: Ports) {
    this.#ports = ports;
    for (const name of ['mon', 'osd', 'run', 'log']) mkdirSync(join(this.#folder, name));
    writeFileSync(join(this.#folder, 'ceph.conf'), this.#configuration());
    process.once('exit', this.#killDaemons);
  }

  get #monitorAddresses(): string {
    const { monitorV2, monitorV1 } = this.#ports;
    return `[v2:127.0.0.1:${monitorV2},v1:127.0.0.1:${monitorV1}]`;
  }

  #configuration(): string {
    const { gateway } = this.#ports;
    return readFileSync(new URL('./radosgw.conf', import.meta.url), 'utf8')
      .replaceAll('@folder@', this.#folder)
      .replaceAll('@fsid@', this.#fsid)
      .replaceAll('@monitor@', this.#monitorAddresses)
      .replaceAll('@gateway@', `127.0.0.1:${gateway}`);
  }

  async startMonitor(): Promise<void> {
    const keyring = join(this.#folder, 'keyring');
    const keys: readonly [name: string, ...caps: string[]][] = [
      ['mon.', 'mon', 'allow *'],
      ['client.admin', 'mon', 'allow *', 'osd', 'allow *', 'mgr', 'allow *'],
      ['osd.0', 'mon', 'allow profile osd', 'osd', 'allow *'],
      ['client.rgw.test', 'mon', 'allow rw', 'osd', 'allow rwx'],
    ];
    await this.#run('ceph-authtool', '--create-keyring', keyring);
    for (const [name, ...caps] of keys) {
      const pairs = caps.flatMap((cap, i) => (i % 2 === 0 ? ['--cap', cap] : [cap]));
      await this.#run('ceph-authtool', keyring, '--gen-key', '-n', name, ...pairs);
    }
    const map = join(this.#folder, 'monmap');
    const address = ['--addv', 'a', this.#monitorAddresses];
    await this.#run('monmaptool', '--create', '--fsid', this.#fsid, ...address, map);
    await this.#run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring);
    this.#spawn('ceph-mon', '-f', '-i', 'a');
  }

  async startOsd(): Promise<void> {
    const uuid = randomUUID();
    const ceph = (...args: string[]): Promise<void> =>
      this.#run('ceph', '--connect-timeout', '30', ...args);
    await ceph('osd', 'new', uuid);
    await this.#run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', uuid);
    this.#spawn('ceph-osd', '-f', '-i', '0');
    await ceph('osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=test');
  }

  async startGateway(): Promise<RunningRadosgw> {
    const name = ['-n', 'client.rgw.test'];
    const endpoint = `http://127.0.0.1:${this.#ports.gateway}`;
    const accessKey = 'RADOSGWTESTKEY';
    const secretKey = randomBytes(20).toString('hex');
    const gateway = this.#spawn('radosgw', '-f', ...name);
    await this.#answering(endpoint, gateway);
    await this.#run(
      ...(['radosgw-admin', ...name, 'user', 'create', '--uid=test'] as const),
      ...['--display-name=test', `--access-key=${accessKey}`, `--secret=${secretKey}`],
    );
    return { endpoint, accessKey, secretKey, region: 'us-east-1', stop: () => this.stop() };
  }

  /** Waits until the gateway speaks HTTP; it first makes its pools. */
  async #answering(endpoint: string, gateway: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (gateway.exitCode === null && Date.now() < deadline) {
      const answers = await fetch(endpoint).then(
        (answer) => answer.text().then(() => true),
        () => false,
      );
      if (answers) return;
      await delay(100);
    }
    throw new Error(`radosgw does not answer at ${endpoint}. ${this.#logTail()}`);
  }

  /** The daemons stop serving at once; what they hold is thrown away with the folder. */
  async stop(): Promise<void> {
    const ended = this.#daemons.map(
      (daemon) =>
        new Promise<void>((resolve) => {
          if (daemon.exitCode !== null || daemon.signalCode !== null) resolve();
          else daemon.once('exit', () => resolve());
        }),
    );
    this.#killDaemons();
    await Promise.all(ended);
    process.removeListener('exit', this.#killDaemons);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, CEPH_CONF: join(this.#folder, 'ceph.conf') };
  }

  #spawn(program: string, ...args: readonly string[]): ChildProcess {
    const daemon = spawn(program, args, { env: this.#environment, stdio: 'ignore' });
    this.#daemons.push(daemon);
    return daemon;
  }

  async #run(program: string, ...args: readonly string[]): Promise<void> {
    try {
      await run(program, args, { env: this.#environment, timeout: START_MS });
    } catch (cause) {
      throw new Error(`${program} failed. ${this.#logTail()}`, { cause });
    }
  }

  #logTail(): string {
    const tails = ['mon.a', 'osd.0', 'client.rgw.test'].map((name) => {
      try {
        const log = readFileSync(join(this.#folder, 'log', `${name}.log`), 'utf8');
        return `${name}: ${log.trimEnd().split('\n').slice(-3).join(' | ')}`;
      } catch {
        return `${name}: no log`;
      }
    });
    return `Last lines of the logs: ${tails.join('; ')}`;
  }
}
