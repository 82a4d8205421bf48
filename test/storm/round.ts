/** One round of the storm: what its schedule says, process after process, and then everything has to be right. */

import { setTimeout as delay } from 'node:timers/promises';
import { RelytError } from '../../src/errors.ts';
import { deferred } from '../support/deferred.ts';
import { at, EXCUSED, failover, failTransfers, outage } from './incidents.ts';
import { type LoadOrder, type Outcome, StormLoader } from './loader.ts';
import { type Fate, StormProcess } from './process.ts';
import { GivenRecords } from './records.ts';
import { type Incident, retold, type Schedule } from './schedule.ts';
import { TamperedObjects } from './tampering.ts';
import { type Ended, expectEnd } from './verdict.ts';
import type { StormPlace, StormWorld } from './world.ts';

/** What one kind of incident needs. */
type Of<Kind extends Incident['kind']> = Extract<Incident, { kind: Kind }>;

/** A process with a file that is not the staged one does not try for long. */
const TAMPERED_TIMEOUT_SECONDS = 2;

const SHORTEST_LEASE_SECONDS = 3;
/** One in which nothing happens for so long hangs: what it waits for by design takes seconds. */
const STILL_SECONDS = 120;
/** A machine that is busy makes many small files of the same records, so a round may well take minutes there. */
export const ROUND_SECONDS = 600;

export class StormRound {
  readonly #schedule: Schedule;
  readonly #world: StormWorld;
  readonly #records: GivenRecords;
  readonly #loaders: StormLoader[] = [];
  readonly #story: string[] = [];
  /** How each process ended. */
  readonly #ends: string[] = [];
  #place: StormPlace;
  #processId: string | undefined;
  #ended: 'done' | 'aborted' | undefined;
  /** It died between the end of the task and the end of its cleaning up: the rest is for `relyt gc`. */
  #leavesObjects = false;

  private constructor(
    schedule: Schedule,
    world: StormWorld,
    records: GivenRecords,
    place: StormPlace,
  ) {
    this.#schedule = schedule;
    this.#world = world;
    this.#records = records;
    this.#place = place;
  }

  /** Runs a schedule; returns how each of its processes ended. @throws Error with the schedule and what happened */
  static async run(schedule: Schedule, world: StormWorld): Promise<readonly string[]> {
    const records = new GivenRecords(schedule.records);
    const place = await world.makePlace(schedule, records);
    const round = new StormRound(schedule, world, records, place);
    try {
      await whileMoving(round.#run(), () => round.#loaders.map(({ process }) => process.moved));
    } catch (cause) {
      throw new Error(`${retold(schedule)}\n${round.#story.join('\n')}`, { cause });
    }
    await world.clear(place, schedule);
    return round.#ends;
  }

  async #run(): Promise<void> {
    for (const incident of this.#schedule.incidents) {
      if (this.#ended === undefined) await this.#meet(incident);
      this.#calm();
    }
    if (this.#ended === undefined) await this.#comeToAnEnd();
    await expectEnd(this.#result());
  }

  #result(): Ended {
    if (this.#processId === undefined || this.#ended === undefined)
      throw new Error('the load did not end');
    return {
      schedule: this.#schedule,
      records: this.#records,
      place: this.#place,
      processId: this.#processId,
      status: this.#ended === 'done' ? 'COMPLETED' : 'CANCELLED',
      loaders: this.#loaders,
      leavesObjects: this.#leavesObjects,
      secrets: this.#world.secrets,
    };
  }

  /** No incident goes on into the next process. */
  #calm(): void {
    this.#place.memory?.faults.clear();
    this.#world.faultOf(this.#place, undefined);
  }

  async #comeToAnEnd(): Promise<void> {
    const { abortAfter } = this.#schedule;
    const end =
      abortAfter === undefined ? undefined : ({ by: 'abort', after: abortAfter } as const);
    await this.#expect(this.#start({}, { end }), 'to its end', /^$/);
  }

  async #meet(incident: Incident): Promise<void> {
    switch (incident.kind) {
      case 'overtaken':
        return this.#overtake(incident);
      case 'rivals':
        return this.#rival();
      case 'tampered':
        return this.#tamper(incident);
      default:
        await this.#expect(this.#startInto(incident), incident.kind, EXCUSED[incident.kind]);
    }
  }

  #startInto(incident: Exclude<Incident, Of<'overtaken' | 'rivals' | 'tampered'>>): StormLoader {
    switch (incident.kind) {
      case 'killed':
        return this.#start(at(incident.at, (process) => process.kill()));
      case 'commit lost':
        return this.#start({
          commits: (count) => (count === incident.number ? incident.cut : undefined),
        });
      case 'went back':
        return this.#start(failover(incident, this.#place, () => this.#loaders.at(-1)?.processId));
      case 'outage':
        return this.#start(outage(incident, this.#world, this.#place));
      case 'suspended':
        return this.#start({}, { end: { by: 'suspend', after: incident.after } });
      case 'source fails':
        return this.#start({}, { end: { by: 'throw', after: incident.after } });
      case 'no tolerance':
        return this.#start({}, { config: { ...this.#place.config, maxErrorRecords: 0 } });
      default:
        failTransfers(incident, this.#world, this.#place);
        return this.#start({});
    }
  }

  async #overtake({ at: moment, wakes }: Of<'overtaken'>): Promise<void> {
    const asleep = deferred();
    const first = this.#start(
      at(moment, (process) => {
        process.sleep();
        asleep.resolve();
      }),
      { config: { ...this.#place.config, leaseSeconds: SHORTEST_LEASE_SECONDS } },
    );
    await Promise.race([asleep.promise, first.ended]);
    this.#processId ??= first.processId;
    await this.#letLeaseRunOut();
    const second = this.#start(
      at({ failpoint: 'files-taken', hit: 1 }, () => {
        if (wakes !== 'taking') return;
        first.process.wake();
        return first.ended.then(() => undefined);
      }),
    );
    await second.until(wakes === 'taking' ? 'ended' : wakes);
    first.process.wake();
    // One that was never stopped completes the task itself.
    await Promise.all([
      this.#expect(first, 'overtaken', EXCUSED.overtaken),
      this.#expect(second, 'the one that overtakes', EXCUSED.overtaken),
    ]);
    if (this.#ended === undefined) throw new Error('neither of two writers completed the task');
  }

  /**
   * The round does not wait for a process that stands still, unless it stands in a transaction that holds its row: then
   * the lease runs out by itself.
   */
  async #letLeaseRunOut(): Promise<void> {
    const { database } = this.#place.target;
    await database.query(
      `update relyt_sys.relyt_loader_task set heartbeat_at = heartbeat_at - interval '1 hour' where process_id in
         (select process_id from relyt_sys.relyt_loader_task where process_id = $1 for update skip locked)`,
      [this.#processId],
    );
  }

  async #rival(): Promise<void> {
    if (this.#processId === undefined && !this.#schedule.key) {
      const after = Math.floor(this.#schedule.records.total / 2);
      await this.#expect(this.#start({}, { end: { by: 'suspend', after } }), 'before rivals', /^$/);
    }
    const rivals = [this.#start({}), this.#start({})];
    await Promise.all(rivals.map((one) => this.#expect(one, 'a rival', EXCUSED.rivals)));
    if (this.#ended === undefined) throw new Error('neither of two rivals completed the task');
  }

  async #tamper({ how, generation }: Of<'tampered'>): Promise<void> {
    let tampered: TamperedObjects | undefined;
    const moment = { failpoint: 'frozen', hit: generation } as const;
    const { config } = this.#place;
    const loader = this.#start(
      at(moment, async () => {
        tampered = await TamperedObjects.tamper(this.#place, how);
      }),
      {
        config: { ...config, s3: { ...config.s3, importTimeoutSeconds: TAMPERED_TIMEOUT_SECONDS } },
      },
    );
    await this.#expect(loader, `tampered: ${how}`, EXCUSED.tampered);
    if (tampered !== undefined && this.#ended !== undefined)
      throw new Error('a task over tampered files was completed');
    await tampered?.mend();
  }

  async #isCompleted(): Promise<boolean> {
    const rows = await this.#place.target.database.query(
      `select from relyt_sys.relyt_loader_checkpoint where process_id = $1 and status = 'COMPLETED'`,
      [this.#processId],
    );
    return rows.length > 0;
  }

  #start(fate: Fate, order: Partial<LoadOrder> = {}): StormLoader {
    const { batch, positions, key, seed, records } = this.#schedule;
    const loader = new StormLoader(new StormProcess(fate, this.#place.memory), {
      config: this.#place.config,
      records: this.#records,
      total: records.total,
      batch,
      positions,
      key: key ? `storm ${seed}` : undefined,
      processId: this.#processId,
      ...order,
    });
    this.#loaders.push(loader);
    return loader;
  }

  /** Waits for the end of a process, which has to be one of those that what it met excuses (G8). */
  async #expect(loader: StormLoader, what: string, excused: RegExp): Promise<void> {
    const outcome = await loader.ended;
    if (outcome.as === 'killed') this.#world.buries(loader.atRest);
    this.#processId ??= loader.processId;
    if (outcome.as === 'killed' && (await this.#isCompleted())) {
      this.#ended = 'done';
      this.#leavesObjects = true;
    }
    this.#story.push(`-- ${what}: ${shown(outcome)}`);
    this.#ends.push(outcome.as === 'failed' ? codeOf(outcome.error) : outcome.as);
    if (outcome.as === 'done') this.#ended = 'done';
    if (outcome.as === 'aborted') this.#ended = 'aborted';
    if (outcome.as !== 'failed') return;
    const { error } = outcome;
    if (!(error instanceof RelytError && excused.test(error.code) && error.hint.length > 10))
      throw new Error(`${what}: nothing excuses this end`, { cause: error });
  }
}

/** @param moved when each of those that work came on last, by the clock of `performance` */
async function whileMoving(work: Promise<void>, moved: () => readonly number[]): Promise<void> {
  const ended = new AbortController();
  const began = performance.now();
  const watch = async () => {
    for (;;) {
      await delay(1_000, undefined, { signal: ended.signal });
      const now = performance.now();
      const still = now - Math.max(began, ...moved());
      if (still > STILL_SECONDS * 1_000)
        throw new Error(`nothing has happened in the round for ${STILL_SECONDS} s`);
      if (now - began > ROUND_SECONDS * 1_000)
        throw new Error(`the round is not over after ${ROUND_SECONDS} s`);
    }
  };
  const watched = watch();
  watched.catch(() => undefined);
  try {
    await Promise.race([work, watched]);
  } finally {
    ended.abort();
  }
}

function codeOf(error: unknown): string {
  return error instanceof RelytError ? error.code : 'not of ours';
}

function shown(outcome: Outcome): string {
  if (outcome.as !== 'failed') return outcome.as;
  return `failed ${codeOf(outcome.error)}: ${String(outcome.error)}`;
}
