import type { LoadRow } from './loads.ts';

export interface SaturationRow {
  readonly load: string;
  readonly contender: string;
  /** Imports at a time, with a core for each. */
  readonly imports: number;
  /** The most that CPU allows. */
  readonly recordsPerSecond: number;
  /** What is busy all the time then. */
  readonly limit: 'loader' | 'database' | 'S3 server';
}

/**
 * What more cores would give, computed from the CPU that the parts took: loader and S3 server run on one core each, and
 * the database on one for each import. Disks, networks and locks are left out.
 */
export function saturation(rows: readonly LoadRow[]): SaturationRow[] {
  return rows
    .filter(({ contender }) => contender.startsWith('relyt-sdk'))
    .flatMap((row) => [1, 2, 4, 8].flatMap((imports) => saturationAt(row, imports)));
}

function saturationAt(row: LoadRow, imports: number): SaturationRow[] {
  const { load, contender, loaderCpu, databaseCpu, s3Cpu } = row;
  if (loaderCpu === undefined || databaseCpu === undefined || s3Cpu === undefined) return [];
  const seconds = {
    loader: loaderCpu,
    database: databaseCpu / imports,
    'S3 server': s3Cpu,
  };
  const [limit, most] = Object.entries(seconds).reduce((a, b) => (b[1] > a[1] ? b : a));
  const recordsPerSecond = Math.round(1e6 / most);
  return [{ load, contender, imports, recordsPerSecond, limit: limit as keyof typeof seconds }];
}
