/** One round of the soak: a random load, random incidents, and in the end everything has to be right. */

import type { StackS3 } from 'relyt-dev';
import { expect } from 'vitest';
import { Dice } from '../support/dice.ts';
import { columnsOf, type RecordShape } from '../support/given-records.mjs';
import { type LoaderOrder, LoaderProcess } from '../support/loader-process.ts';
import type { LoadOptions, TestTarget } from '../support/loading.ts';
import { CRASH_CONFIG, LOAD_FAILPOINTS } from './crash-case.ts';
import { expectLoadedExactly } from './verdict.ts';

/** What happens to a loader; with `none` it may finish. */
type Incident = 'killed' | 'stopped' | 'suspended' | 'fought over' | 'none';

interface SoakPlan {
  readonly shape: RecordShape;
  readonly batch: number;
  readonly config: LoadOptions & { readonly onConflict: 'update' | 'nothing' };
}

function planOf(dice: Dice): SoakPlan {
  const total = 50 + dice.below(400);
  const keyed = dice.chance(2);
  const long = dice.chance(6);
  return {
    shape: {
      seed: dice.below(2 ** 31),
      total: long ? 5 * total : total,
      keyed,
      rejects: !dice.chance(3),
      padBytes: long ? 9_000 : 0,
    },
    batch: 1 + dice.below(60),
    config: {
      ...CRASH_CONFIG,
      onConflict: dice.pick(['update', 'update', 'nothing']),
      batchSize: long ? 1_000 : 5 + dice.below(80),
      batchImportSize: 1 + dice.below(4),
      concurrency: 1 + dice.below(4),
      compression: dice.pick(['none', 'gzip']),
      fileWriteTimeoutSeconds: dice.pick([0.1, 1, 6]),
    },
  };
}

/** Where a round takes place. */
export interface SoakPlace {
  readonly makeTarget: (columns: string) => Promise<TestTarget>;
  readonly s3: Partial<NonNullable<LoadOptions['s3']>>;
  readonly ownS3?: StackS3 | undefined;
  /** What the final check needs: servers that stay. */
  readonly undisturbed: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Servers that are away, and others who want the task; anything else is a fault of the loader. */
const ORDERLY = /^(DATABASE_UNREACHABLE|S3_\w+|IMPORT_TIMEOUT|LEASE_LOST|RESUME_REFUSED)$/;
const MOST_PROCESSES = 30;

export class SoakRound {
  readonly #dice: Dice;
  readonly #place: SoakPlace;
  readonly #story: string[] = [];
  #incidentsLeft: number;

  constructor(seed: number, place: SoakPlace) {
    this.#dice = new Dice(seed);
    this.#place = place;
    this.#incidentsLeft = this.#dice.below(4);
  }

  /** Everything that happened, for the message of a failed round. */
  get story(): string {
    return this.#story.join('\n');
  }

  async run(): Promise<void> {
    const { undisturbed, makeTarget, s3, ownS3 } = this.#place;
    const { shape, batch, config: options } = planOf(this.#dice);
    this.#story.push(JSON.stringify({ shape, batch, options }));
    const target = await undisturbed(() => makeTarget(columnsOf(shape)));
    const config = target.config({ ...options, s3 });
    let order: LoaderOrder = { config, shape, batch };
    for (let count = 0; ; count++) {
      expect(count, this.story).toBeLessThan(MOST_PROCESSES);
      const ended = await this.#runLoader(order);
      if (ended.processId !== undefined) {
        order = { ...order, processId: ended.processId, waitForLease: true };
      }
      if (ended.done) break;
    }
    const { processId = '' } = order;
    const { onConflict } = options;
    await undisturbed(() =>
      expectLoadedExactly({ target, processId, shape, onConflict, collect: config, s3: ownS3 }),
    );
  }

  /** Runs one process, with an incident while there are some left, to its end. */
  async #runLoader(order: LoaderOrder): Promise<{ done: boolean; processId?: string | undefined }> {
    const incident = this.#nextIncident(order);
    await using loader = new LoaderProcess({ ...order, ...this.#preparation(incident, order) });
    const rival = incident === 'fought over' ? new LoaderProcess(order) : undefined;
    const succeeded = incident === 'stopped' && (await this.#stopAndSucceed(order, loader));
    await Promise.all([loader.ended, rival?.ended]);
    const loaders = rival === undefined ? [loader] : [loader, rival];
    for (const one of loaders) this.#expectOrderly(one, incident);
    const done = incident !== 'suspended' && loaders.some((one) => one.last('done') !== undefined);
    const processId = order.processId ?? loader.last('opened')?.processId;
    return { done: done || succeeded, processId };
  }

  #nextIncident({ processId }: LoaderOrder): Incident {
    if (this.#incidentsLeft === 0) return 'none';
    this.#incidentsLeft--;
    return this.#dice.pick(
      processId === undefined
        ? ['killed', 'stopped', 'suspended']
        : ['killed', 'stopped', 'fought over', 'fought over', 'suspended'],
    );
  }

  #preparation(incident: Incident, { shape }: LoaderOrder): Partial<LoaderOrder> {
    const name = LOAD_FAILPOINTS[this.#dice.below(LOAD_FAILPOINTS.length)] ?? 'frozen';
    const hit = 1 + this.#dice.below(4);
    if (incident === 'killed') return { failpoint: { name, hit, signal: 'SIGKILL' } };
    if (incident === 'stopped') return { failpoint: { name, hit, signal: 'SIGSTOP' } };
    if (incident === 'suspended') {
      return { until: this.#dice.below(shape.total), end: 'suspend' };
    }
    return {};
  }

  /**
   * Lets another process take the task over while this one stands still, and wakes it at some moment.
   * Returns whether the other one finished the task.
   */
  async #stopAndSucceed(order: LoaderOrder, stopped: LoaderProcess): Promise<boolean> {
    const reached = await stopped.until('failpoint').catch(() => undefined);
    if (reached === undefined) return false;
    const processId = order.processId ?? stopped.last('opened')?.processId ?? '';
    const next = { ...order, processId, waitForLease: true };
    await using successor = new LoaderProcess(next);
    const moment = this.#dice.pick(['opened', 'imported', 'done'] as const);
    await successor.until(moment).catch(() => undefined);
    await stopped.wake();
    await Promise.all([stopped.ended, successor.ended]);
    this.#expectOrderly(successor, 'none');
    return successor.last('done') !== undefined;
  }

  /** Killed as planned, done, or failed in a way that a caller can make sense of. */
  #expectOrderly(loader: LoaderProcess, incident: Incident): void {
    this.#story.push(`-- ${incident}`, loader.story);
    if (loader.last('done') !== undefined) return;
    if (incident === 'killed' && loader.last('failpoint') !== undefined) return;
    expect(loader.last('failed')?.code, this.story).toMatch(ORDERLY);
  }
}
