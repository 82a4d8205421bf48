import type { PaceRow } from '../database/statements/pace.ts';

/** The pace of a task, and how far its imports lag behind. */
export interface Pace {
  /** Records imported in a second, over the newest minute. */
  readonly recordsPerSecond: number;
  /** Frozen files that wait for their import, or are being imported, and their records. */
  readonly waitingFiles: number;
  readonly waitingRecords: number;
  /** Seconds since the oldest of them was frozen; 0 when none waits. */
  readonly lagSeconds: number;
  /** Seconds until they are imported, at this rate. Null when nothing was imported in the newest minute. */
  readonly leftSeconds: number | null;
}

/** Over how many seconds a rate is measured. */
export const PACE_SECONDS = 60;

export function paceOf(row: PaceRow): Pace {
  // A task that has just begun has no meaningful rate: less than a second counts as one.
  const recordsPerSecond = row.recent_records / Math.max(1, row.seconds);
  return {
    recordsPerSecond,
    waitingFiles: row.waiting_files,
    waitingRecords: row.waiting_records,
    lagSeconds: Math.max(0, row.oldest_seconds ?? 0),
    leftSeconds: leftSeconds(row.waiting_records, recordsPerSecond),
  };
}

function leftSeconds(records: number, recordsPerSecond: number): number | null {
  if (records === 0) return 0;
  return recordsPerSecond === 0 ? null : records / recordsPerSecond;
}
