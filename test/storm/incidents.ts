/** What the incidents of a schedule do to a process, and which ends they excuse. */

import { setTimeout as delay } from 'node:timers/promises';
import { s3Fault } from '../support/memory-object-store.ts';
import { PastState } from './past-state.ts';
import type { Fate, StormProcess } from './process.ts';
import type { Incident, Moment } from './schedule.ts';
import type { StormPlace, StormWorld } from './world.ts';

/** Has something happen to a process at a moment of it. */
export function at(moment: Moment, act: (process: StormProcess) => Promise<void> | void): Fate {
  if ('sends' in moment) {
    return {
      sends: (process, count) => {
        if (count === moment.sends) void act(process);
      },
    };
  }
  return {
    reaches: (process, name, hit) => {
      if (name === moment.failpoint && hit === moment.hit) return act(process);
    },
  };
}

type OutageIncident = Extract<Incident, { kind: 'outage' }>;

export function outage(
  { at: moment, of, ms }: OutageIncident,
  world: StormWorld,
  place: StormPlace,
): Fate {
  return at(moment, (process) => {
    const away = (isAway: boolean) => {
      process.loses(of, isAway);
      if (of === 'storage') world.faultOf(place, isAway ? () => ({ refuse: true }) : undefined);
    };
    away(true);
    void delay(ms).then(() => away(false));
  });
}

/**
 * Keeps the state at one moment and comes back to it at another, if that one is later. Not past the end of the task:
 * its process has been told that everything is there, and looks no more.
 */
export function failover(
  { kept, lost }: Extract<Incident, { kind: 'went back' }>,
  { target }: StormPlace,
  processIdOf: () => string | undefined,
): Fate {
  let past: PastState | undefined;
  const keeping = at(kept, async () => {
    const processId = processIdOf();
    past ??= processId === undefined ? undefined : await PastState.keep(target, processId);
  });
  const losing = at(lost, async (process) => {
    const processId = processIdOf();
    if (past === undefined || processId === undefined || isPastEnd(lost)) return;
    process.loses('database', true);
    await past.comeBack(processId);
    process.loses('database', false);
  });
  return {
    reaches: async (process, name, hit) => {
      await keeping.reaches?.(process, name, hit);
      await losing.reaches?.(process, name, hit);
    },
  };
}

function isPastEnd(moment: Moment): boolean {
  return 'failpoint' in moment && moment.failpoint === 'before-delete';
}

type TransferIncident = Extract<
  Incident,
  { kind: 'downloads fail' | 'uploads fail' | 'uploads unanswered' }
>;

/** Has the next transfers fail, wherever files are staged. */
export function failTransfers(
  { kind, times }: TransferIncident,
  world: StormWorld,
  place: StormPlace,
): void {
  const { memory } = place;
  if (memory === undefined) {
    let left = times;
    const wanted = kind === 'downloads fail' ? 'GET' : 'PUT';
    world.faultOf(place, ({ method, path }) => {
      if (method !== wanted || path.includes('list-type') || left-- <= 0) return undefined;
      if (kind === 'uploads fail') return { status: 503 };
      return { cutAfterBytes: kind === 'downloads fail' ? 40 : 0 };
    });
    return;
  }
  for (let n = 0; n < times; n++) {
    const broken = s3Fault('S3_UNREACHABLE', 'ECONNRESET');
    if (kind === 'downloads fail') memory.faults.breakOff(broken, 40 * n);
    else if (kind === 'uploads fail')
      memory.faults.fail('putObject', s3Fault('S3_UNAVAILABLE', 'SlowDown'));
    else memory.faults.failAfterWrite('putObject', broken);
  }
}

/** Codes by which a process that met the incident may have failed; none by which another one may. */
export const EXCUSED: Readonly<Record<Incident['kind'], RegExp>> = {
  killed: /^$/,
  overtaken: /^(LEASE_LOST|RESUME_REFUSED)$/,
  rivals: /^(LEASE_LOST|RESUME_REFUSED)$/,
  tampered: /^(STAGED_FILE_LOST|STAGED_FILE_CHANGED|S3_DOWNLOAD_FAILED|IMPORT_TIMEOUT)$/,
  'downloads fail': /^$/,
  'uploads fail': /^$/,
  'uploads unanswered': /^$/,
  'commit lost': /^DATABASE_UNREACHABLE$/,
  outage: /^(DATABASE_UNREACHABLE|S3_UNREACHABLE)$/,
  suspended: /^$/,
  'source fails': /^SOURCE_FAILED$/,
  'went back': /^(DATABASE_WENT_BACK|DATABASE_UNREACHABLE)$/,
  'no tolerance': /^(RECORD_INVALID|REJECT_LIMIT_EXCEEDED|IMPORT_REFUSED)$/,
};
