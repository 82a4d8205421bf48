import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds so far. Unlike wall time, they tell a limit from a busy machine. */
export interface CpuSeconds {
  readonly loader: number;
  /** All backends, those that have ended included. */
  readonly database: number;
  readonly s3: number;
}

/** Of Linux: how /proc counts. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

/**
 * The loader is this process, the S3 server the process `servers`, and the database its child with the name `postgres`.
 * Undefined where there is no /proc.
 */
export function cpuSeconds(servers: number): CpuSeconds | undefined {
  const processes = readProcesses();
  const postmaster = processes.find(
    ({ parent, name }) => parent === servers && name === 'postgres',
  );
  const s3 = processes.find(({ pid }) => pid === servers);
  if (postmaster === undefined || s3 === undefined) return undefined;
  const { user, system } = process.cpuUsage();
  const backends = descendants(processes, postmaster.pid);
  const ticks = [postmaster, ...backends].reduce((sum, { own, ended }) => sum + own + ended, 0);
  return {
    loader: (user + system) / 1e6,
    database: ticks / TICKS_PER_SECOND,
    s3: s3.own / TICKS_PER_SECOND,
  };
}

export function cpuBetween(
  before: CpuSeconds | undefined,
  after: CpuSeconds | undefined,
): CpuSeconds | undefined {
  if (before === undefined || after === undefined) return undefined;
  return {
    loader: after.loader - before.loader,
    database: after.database - before.database,
    s3: after.s3 - before.s3,
  };
}

function descendants(all: readonly ProcessTimes[], pid: number): readonly ProcessTimes[] {
  return all
    .filter(({ parent }) => parent === pid)
    .flatMap((child) => [child, ...descendants(all, child.pid)]);
}

function readProcesses(): readonly ProcessTimes[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => timesOf(Number(name)));
  } catch {
    return [];
  }
}

/** None for a process that ends meanwhile. */
function timesOf(pid: number): readonly ProcessTimes[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    const name = stat.slice(stat.indexOf('(') + 1, end);
    // From the state on, which is the third field of the line.
    const fields = stat
      .slice(end + 2)
      .split(' ')
      .map(Number);
    const at = (field: number) => fields[field - 3] ?? 0;
    return [{ pid, parent: at(4), name, own: at(14) + at(15), ended: at(16) + at(17) }];
  } catch {
    return [];
  }
}
