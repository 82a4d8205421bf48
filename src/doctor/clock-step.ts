import { regionalEndpoint } from '../core/s3-endpoint.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { Database } from '../database/database.ts';
import { databaseError } from '../database/database-error.ts';
import { RelytError } from '../errors.ts';
import { known } from './findings.ts';
import type { Step } from './step.ts';

/**
 * Seconds that clocks may differ. S3 refuses what was signed more than 15 minutes away from its own time. A clock
 * that is a third of that wrong is not synchronised and will get there.
 */
const TOLERATED_SECONDS = 300;

/** How far another clock is ahead of the one of this machine, in seconds. */
export interface ClockReading {
  /** `the database` */
  readonly of: string;
  readonly aheadSeconds: number;
}

export const CLOCKS: Step = {
  name: 'clocks',
  asks: 'database',
  seconds: 20,
  async run({ findings }, signal) {
    const { database, s3 } = known(findings, 'database', 's3');
    const readings = [
      { of: 'the database', aheadSeconds: await databaseAhead(database) },
      { of: 'S3', aheadSeconds: await s3Ahead(s3, signal) },
    ];
    return clockSentence(
      readings.flatMap(({ of, aheadSeconds }) =>
        aheadSeconds === undefined ? [] : [{ of, aheadSeconds }],
      ),
    );
  },
};

/** @throws RelytError S3_CLOCK_SKEW when two of the clocks differ too much */
export function clockSentence(readings: readonly ClockReading[]): string {
  const all = [{ of: 'this machine', aheadSeconds: 0 }, ...readings];
  const ahead = all.map(({ aheadSeconds }) => aheadSeconds);
  const apart = Math.max(...ahead) - Math.min(...ahead);
  const others = readings.map(({ of, aheadSeconds }) => `${of} ${shown(aheadSeconds)}`);
  const text = others.length === 0 ? 'no other clock could be read' : others.join(', ');
  if (apart <= TOLERATED_SECONDS) return `seen from this machine: ${text}`;
  const limit = `${TOLERATED_SECONDS / 60} minutes`;
  throw new RelytError(
    'S3_CLOCK_SKEW',
    `The clocks differ by more than ${limit}, seen from this machine: ${text}.`,
    {
      hint: 'Synchronise the clocks (NTP): S3 refuses what was signed more than 15 minutes away from its own time.',
    },
  );
}

function shown(seconds: number): string {
  if (Math.abs(seconds) < 1) return 'agrees within a second';
  return `is ${Math.round(Math.abs(seconds))} s ${seconds > 0 ? 'ahead' : 'behind'}`;
}

async function databaseAhead(database: Database): Promise<number> {
  const before = Date.now();
  const text = 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now';
  try {
    const [row] = await database.query<{ now: number }>({ name: 'clock', text });
    return aheadOf(row?.now ?? before, before);
  } catch (error) {
    throw databaseError(error, 'read the clock of the database');
  }
}

/** Undefined when the endpoint does not answer or has no Date: the steps about the bucket say why. */
async function s3Ahead(s3: S3Settings, signal: AbortSignal): Promise<number | undefined> {
  const before = Date.now();
  try {
    const answer = await fetch(regionalEndpoint(s3), {
      method: 'HEAD',
      redirect: 'manual',
      signal,
    });
    const date = Date.parse(answer.headers.get('date') ?? '');
    // The header has whole seconds: on average half of one is missing.
    return Number.isNaN(date) ? undefined : aheadOf(date + 500, before);
  } catch {
    return undefined;
  }
}

/** The other clock was read halfway between the question and now. */
function aheadOf(other: number, before: number): number {
  return (other - (before + Date.now()) / 2) / 1000;
}
