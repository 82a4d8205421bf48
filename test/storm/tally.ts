/** What a storm has run, and what of it failed. */

import { inspect } from 'node:util';
import { redact } from '../../src/core/redaction.ts';
import type { Schedule } from './schedule.ts';

/** A storm in which more than so many schedules failed has told enough. */
const MOST_TOLD = 5;

const FILES: Readonly<Record<Schedule['storage'], string>> = {
  memory: 'files in memory',
  server: 'files on an S3 server',
  none: 'no files',
};

export class StormTally {
  readonly failures: string[] = [];
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #shares = new Map<string, number>();
  /** How processes ended: a storm in which none dies is none. */
  readonly #ends = new Map<string, number>();
  readonly #half: string;
  #real = 0;
  #simulated = 0;
  #deaths = 0;
  #failed = 0;

  constructor(half: string) {
    this.#half = half;
  }

  /** Waits for the round of a schedule; its failure is kept, with how to replay it. */
  async count(schedule: Schedule, round: Promise<readonly string[]>): Promise<void> {
    const { storage, engine, seed, incidents } = schedule;
    const kinds = new Set(incidents.map(({ kind }) => kind));
    add(this.#shares, `${engine}, ${FILES[storage]}`);
    for (const kind of kinds) add(this.#shares, kind);
    try {
      for (const end of await round) add(this.#ends, end);
    } catch (error) {
      this.#fails(seed, error);
    }
    this.#real++;
  }

  countSimulated(seed: number, simulate: () => { readonly deaths: number }): void {
    try {
      this.#deaths += simulate().deaths;
    } catch (error) {
      this.#fails(seed, error);
    }
    this.#simulated++;
  }

  #fails(seed: number, error: unknown): void {
    this.#failed++;
    if (this.failures.length >= MOST_TOLD) return;
    const shown = inspect(error, { depth: 6 });
    this.failures.push(redact(`replay with STORM_SEED=${seed} make storm\n${shown}`));
  }

  get text(): string {
    const seconds = (performance.now() - this.#began) / 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const shares = [...this.#shares].map(([share, count]) => `${share} ${this.#percent(count)}`);
    const all = this.#real + this.#simulated;
    return [
      `storm, ${this.#half} half: ${all - this.#failed} of ${all} schedules green, ${(all / seconds).toFixed(1)} a second`,
      `storm: ${((100 * this.#real) / all).toFixed(0)} % with the real loader on a real PostgreSQL, the others simulated (they died ${this.#deaths} times)`,
      `storm: of the real ones: ${shares.join('; ')}`,
      `storm: processes ${[...this.#ends].map(([end, count]) => `${end} ${count}`).join(', ')}`,
      `storm: ${((user + system) / 1000 / all).toFixed(0)} ms of this process's CPU a schedule`,
    ].join('\n');
  }

  #percent(count: number): string {
    return `${((100 * count) / this.#real).toFixed(0)} %`;
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
