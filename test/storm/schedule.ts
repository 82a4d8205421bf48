/** What happens in one round of the storm: a pure function of its seed. */

import type { FailpointName } from '../../src/failpoints.ts';
import { Dice } from '../support/dice.ts';
import type { Conflict, RecordShape } from './records.ts';

/** Where a process is interrupted: at a failpoint, the `hit`th time, or before it sends its `count`th request. */
export type Moment =
  | { readonly failpoint: FailpointName; readonly hit: number }
  | { readonly sends: number };

/** How staged objects become others. */
const TAMPERINGS = ['replaced', 'truncated', 'emptied', 'deleted', 'a page', 'swapped'] as const;
export type Tampering = (typeof TAMPERINGS)[number];

/** What happens to a process that goes on with the load. */
export type Incident =
  /** It dies there. */
  | { readonly kind: 'killed'; readonly at: Moment }
  /** It stands still there, another one takes the task over, and at some moment of that one it wakes. */
  | {
      readonly kind: 'overtaken';
      readonly at: Moment;
      readonly wakes: 'taking' | 'opened' | 'imported' | 'ended';
    }
  /** Two go on with the task at once. */
  | { readonly kind: 'rivals' }
  /** A staged object becomes another one when a generation is frozen, and is put back once the process has failed. */
  | { readonly kind: 'tampered'; readonly how: Tampering; readonly generation: number }
  /** Answers of S3 break off, or are refusals, so often. */
  | {
      readonly kind: 'downloads fail' | 'uploads fail' | 'uploads unanswered';
      readonly times: number;
    }
  /** COMMIT does not arrive, or its answer is lost. */
  | { readonly kind: 'commit lost'; readonly number: number; readonly cut: 'before' | 'after' }
  /** A server is away for a while. */
  | {
      readonly kind: 'outage';
      readonly at: Moment;
      readonly of: 'database' | 'storage';
      readonly ms: number;
    }
  /** It ends early but orderly, after so many records of the load. */
  | { readonly kind: 'suspended'; readonly after: number }
  /** Its source throws after so many records. */
  | { readonly kind: 'source fails'; readonly after: number }
  /** What the database committed between the two moments is lost, as in a failover; connections break. */
  | { readonly kind: 'went back'; readonly kept: Moment; readonly lost: Moment }
  /** It tolerates no rejected record. */
  | { readonly kind: 'no tolerance' };

interface LoadSettings {
  readonly onConflict: Conflict;
  readonly batchSize: number;
  readonly batchImportSize: number;
  readonly concurrency: number;
  readonly compression: 'none' | 'gzip';
  readonly fileWriteTimeoutSeconds: number;
  readonly maxErrorRecords: number;
  readonly layout: 'auto' | 'csv' | 'binary';
}

export interface Schedule {
  readonly seed: number;
  /** Where files are staged: on a real S3 server, on one in memory, or nowhere, with the engine `direct`. */
  readonly storage: 'server' | 'memory' | 'none';
  readonly engine: 'copy' | 'postgres' | 'direct';
  /** Whose settings of the session are the usual ones, or all that could change a result. */
  readonly role: 'plain' | 'odd';
  readonly records: RecordShape;
  readonly settings: LoadSettings;
  /** Records of one insert(). */
  readonly batch: number;
  /** Whether insert() is given positions; else the number of frozen records says where to go on. */
  readonly positions: boolean;
  /** Whether the task has a key, by which each process finds it. */
  readonly key: boolean;
  /** Of one process after the other; the next one meets none. */
  readonly incidents: readonly Incident[];
  /** After so many records the task is aborted by the last process; undefined where it is completed. */
  readonly abortAfter: number | undefined;
}

const PLACES = [
  'file-recorded',
  'part-uploaded',
  'object-completed',
  'before-freeze',
  'frozen',
  'files-taken',
  'external-created',
  'rows-inserted',
  'before-commit',
  'committed',
  'isolation-staged',
  'before-summary',
  'before-delete',
  'before-finish',
] as const satisfies readonly FailpointName[];

/** Out of so many schedules, one stages its files on a real S3 server. */
const SERVER_SHARE = 10;
/** Out of so many schedules, one stages no files. */
const DIRECT_SHARE = 6;
const DIRECT = { storage: 'none', engine: 'direct' } as const;

export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed);
  const onServer = dice.chance(SERVER_SHARE);
  const records = shapeOf(dice);
  const { total } = records;
  const onConflict = records.unique ? 'error' : dice.pick(['update', 'update', 'nothing']);
  const settings: Omit<LoadSettings, 'layout'> = {
    onConflict,
    batchSize: 10 + dice.below(60),
    batchImportSize: 1 + dice.below(4),
    concurrency: 1 + dice.below(3),
    compression: dice.pick(['none', 'none', 'gzip']),
    fileWriteTimeoutSeconds: dice.pick([0.05, 1, 6, 6]),
    maxErrorRecords: 1_000,
  };
  const drawn = {
    seed,
    storage: onServer ? ('server' as const) : ('memory' as const),
    engine: onServer && !dice.chance(3) ? ('postgres' as const) : ('copy' as const),
    role: dice.chance(4) ? ('odd' as const) : ('plain' as const),
    batch: 1 + dice.below(50),
    positions: !dice.chance(3),
    key: dice.chance(3),
    incidents: Array.from({ length: dice.pick([0, 1, 1, 1, 2, 2, 3]) }, () =>
      incidentOf(dice, total),
    ),
    abortAfter: dice.chance(12) ? dice.below(total + 1) : undefined,
  };
  // What came later is drawn last, so that older seeds have the schedules they had.
  const layout = dice.pick(['auto', 'auto', 'csv', 'binary']);
  const wordsFrom = dice.chance(3) ? dice.below(total) : undefined;
  const way = dice.chance(DIRECT_SHARE) ? DIRECT : {};
  return {
    ...drawn,
    ...way,
    settings: { ...settings, layout },
    records: { ...records, wordsFrom },
  };
}

function shapeOf(dice: Dice): RecordShape {
  const total = 20 + dice.below(120);
  const keyed = !dice.chance(3);
  const unique = keyed && dice.chance(5);
  return {
    seed: dice.below(2 ** 31),
    total,
    keyed,
    unique,
    bad: dice.chance(3),
    existing: unique ? 0 : dice.pick([0, 0, 1, Math.ceil(total / 4)]),
    wordsFrom: undefined,
  };
}

function momentOf(dice: Dice): Moment {
  if (dice.chance(3)) return { sends: 1 + dice.below(250) };
  return { failpoint: dice.pick(PLACES), hit: 1 + dice.below(4) };
}

function failpointOf(dice: Dice): Moment {
  return { failpoint: dice.pick(PLACES), hit: 1 + dice.below(3) };
}

/** The incidents that are drawn, the more often the more often they stand here. */
const DRAWN: readonly [Incident['kind'], ...Incident['kind'][]] = [
  'killed',
  'killed',
  'killed',
  'overtaken',
  'overtaken',
  'rivals',
  'tampered',
  'tampered',
  'downloads fail',
  'uploads fail',
  'uploads unanswered',
  'commit lost',
  'commit lost',
  'outage',
  'outage',
  'suspended',
  'source fails',
  'no tolerance',
  'went back',
  'went back',
];

function incidentOf(dice: Dice, total: number): Incident {
  const kind = dice.pick(DRAWN);
  switch (kind) {
    case 'killed':
      return { kind, at: momentOf(dice) };
    case 'overtaken':
      return {
        kind,
        // Where it has a right that the other one takes from it.
        at: dice.chance(2)
          ? { failpoint: 'files-taken', hit: 1 + dice.below(2) }
          : failpointOf(dice),
        wakes: dice.pick(['taking', 'taking', 'opened', 'imported', 'ended']),
      };
    case 'tampered':
      return { kind, how: dice.pick(TAMPERINGS), generation: 1 + dice.below(3) };
    case 'commit lost':
      return { kind, number: 1 + dice.below(60), cut: dice.pick(['before', 'after']) };
    case 'outage':
      return {
        kind,
        at: failpointOf(dice),
        of: dice.pick(['database', 'storage']),
        ms: 20 + dice.below(300),
      };
    case 'went back':
      return { kind, kept: failpointOf(dice), lost: failpointOf(dice) };
    case 'suspended':
    case 'source fails':
      return { kind, after: dice.below(total) };
    case 'rivals':
    case 'no tolerance':
      return { kind };
    default:
      return { kind, times: 1 + dice.below(2) };
  }
}

/** The schedule as people read it. */
export function retold(schedule: Schedule): string {
  const {
    seed,
    storage,
    engine,
    role,
    records,
    settings,
    batch,
    positions,
    key,
    incidents,
    abortAfter,
  } = schedule;
  const lines = [
    `seed ${seed}: engine ${engine}, storage ${storage}, role ${role}, ${key ? 'a key' : 'no key'}`,
    `records ${JSON.stringify(records)}, ${batch} an insert, ${positions ? 'with' : 'without'} positions`,
    `settings ${JSON.stringify(settings)}`,
    ...incidents.map((incident, index) => `process ${index + 1}: ${JSON.stringify(incident)}`),
    `process ${incidents.length + 1}: ${abortAfter === undefined ? 'completes' : `aborts after ${abortAfter} records`}`,
  ];
  return lines.join('\n');
}
