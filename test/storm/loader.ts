/** One process that goes on with a load, from its opening to its end. */

import { BulkProcessor } from '../../src/bulk-processor.ts';
import type { BulkProcessorConfig } from '../../src/config/load-config.ts';
import { deferred } from '../support/deferred.ts';
import type { StormProcess } from './process.ts';
import type { GivenRecords } from './records.ts';

export type Outcome =
  | { readonly as: 'done' | 'suspended' | 'aborted' | 'killed' }
  | { readonly as: 'failed'; readonly error: unknown };

export interface LoadOrder {
  readonly config: BulkProcessorConfig;
  readonly records: GivenRecords;
  readonly total: number;
  readonly batch: number;
  readonly positions: boolean;
  readonly key: string | undefined;
  /** Of the task to go on with. */
  readonly processId: string | undefined;
  /** How it ends: it completes, or stops before its end after so many records. */
  readonly end?: { readonly by: 'suspend' | 'throw' | 'abort'; readonly after: number } | undefined;
}

/** Processes that were killed just now, or are about to end, are waited for. */
const RESUME = { waitSeconds: 20 };

export class StormLoader {
  readonly process: StormProcess;
  /** Everything it was told: events and errors. */
  readonly told: unknown[] = [];
  readonly #order: LoadOrder;
  readonly #opened = deferred();
  readonly #imported = deferred();
  readonly ended: Promise<Outcome>;
  /** Settles when it is at rest: after a kill its code still runs into the wall. */
  readonly atRest: Promise<unknown>;
  #processor: BulkProcessor | undefined;
  #processId: string | undefined;

  constructor(process: StormProcess, order: LoadOrder) {
    this.process = process;
    this.#order = order;
    const work = process.run(() => this.#load());
    this.ended = Promise.race([work, process.killed.then((as) => ({ as }))]);
    void process.killed.then(() => process.run(() => this.#layDown()));
    this.atRest = work;
  }

  /** Of its task, once it is known. */
  get processId(): string | undefined {
    return this.#processId ?? this.#order.processId;
  }

  /** Resolves at this moment of it, or at its end. */
  async until(moment: 'opened' | 'imported' | 'ended'): Promise<void> {
    const { promise } = moment === 'opened' ? this.#opened : this.#imported;
    await Promise.race([this.ended, ...(moment === 'ended' ? [] : [promise])]);
  }

  /** What a dead process still does, it does against a wall. */
  async #layDown(): Promise<void> {
    await this.#processor?.abort().catch(() => undefined);
  }

  async #load(): Promise<Outcome> {
    try {
      return await this.#run();
    } catch (error) {
      this.told.push(error);
      // What failed by itself is closed by itself; this only waits for it.
      await this.#processor?.abort().catch((second: unknown) => this.told.push(second));
      return { as: 'failed', error };
    }
  }

  async #run(): Promise<Outcome> {
    const processor = await this.#open();
    if (processor === undefined) return { as: 'done' };
    this.#processor = processor;
    this.#processId = processor.processId;
    for (const event of ['imported', 'warning', 'failed', 'recordRejected', 'fileFrozen'] as const)
      processor.on(event, (payload: unknown) => this.told.push(payload));
    processor.on('imported', () => this.#imported.resolve());
    this.#opened.resolve();
    return this.#insert(processor);
  }

  async #open(): Promise<BulkProcessor | undefined> {
    const { key, processId, config } = this.#order;
    if (key !== undefined) {
      const opened = await BulkProcessor.open(key, config, RESUME);
      if (opened.state !== 'complete') return opened.processor;
      this.#processId = opened.processId;
      return undefined;
    }
    if (processId === undefined) return BulkProcessor.create(config);
    return BulkProcessor.resume(processId, config, RESUME);
  }

  async #insert(processor: BulkProcessor): Promise<Outcome> {
    const { batch, positions, total, end } = this.#order;
    const from = positions ? Number(processor.position ?? 0) : processor.progress().received;
    const until = Math.max(from, Math.min(end?.after ?? total, total));
    for (let at = from; at < until; at += batch) {
      const next = Math.min(at + batch, until);
      await processor.insert(this.#records(at, next), positions ? { position: next } : {});
    }
    return this.#end(processor, until);
  }

  #records(from: number, to: number): Iterable<unknown> {
    return this.#order.records.slice(from, to);
  }

  async #end(processor: BulkProcessor, at: number): Promise<Outcome> {
    switch (this.#order.end?.by) {
      case 'suspend':
        await processor.suspend('the schedule says so');
        return { as: 'suspended' };
      case 'abort':
        await processor.abort();
        return { as: 'aborted' };
      case 'throw':
        await processor
          .insert(
            broken(this.#records(at, at + 1)),
            this.#order.positions ? { position: at + 1 } : {},
          )
          .catch(() => undefined);
        await processor.shutdown();
        throw new Error('a load whose source threw was completed');
      default:
        await processor.shutdown();
        this.#checkProgress(processor);
        return { as: 'done' };
    }
  }

  #checkProgress(processor: BulkProcessor): void {
    const { received } = processor.progress();
    if (received !== this.#order.total)
      throw new Error(`a load of ${this.#order.total} records counted ${received}`);
  }
}

function* broken(records: Iterable<unknown>): Generator<unknown> {
  yield* records;
  throw new Error('the source is gone');
}
