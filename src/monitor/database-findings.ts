import { refuseForeignCode } from '../database/schema/foreign-code.ts';
import { missingMigrations } from '../database/schema/install.ts';
import type { Reader } from '../database/session.ts';
import { type DeadTaskRow, deadTasks } from '../database/statements/garbage.ts';
import { missingRights, type RequiredRight, requiredRights } from '../doctor/required-rights.ts';
import { databaseTraits, profileOf, reasonFor } from '../engines/detect.ts';
import { type EngineProfile, PROFILES } from '../engines/profiles.ts';
import { RelytError } from '../errors.ts';
import { operationError } from '../operations/access.ts';
import { nextCommands } from '../operations/task-status.ts';

/** What the monitor finds out about the database, without writing anything. */
export interface DatabaseFindings {
  /** `select version()`, without the compiler. */
  readonly version: string;
  /** What 'auto' chooses where S3 is configured, and why. */
  readonly engine: EngineProfile['engine'];
  readonly reason: string;
  readonly engines: readonly ShownEngine[];
  readonly findings: readonly Finding[];
}

/** A way in which databases read staged files. */
export interface ShownEngine {
  readonly name: string;
  readonly engine: EngineProfile['engine'];
  readonly databases: string;
  readonly reads: string;
  readonly needs: string;
}

/** One thing that was checked. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  /** What to do; null where nothing is wrong. */
  readonly todo: string | null;
  readonly commands: readonly string[];
}

/** Most dead tasks that are named. */
const MOST_DEAD = 5;

export async function readDatabaseFindings(reader: Reader): Promise<DatabaseFindings> {
  const traits = await databaseTraits(reader);
  const profile = profileOf(traits, 'auto');
  return {
    version: traits.version.split(' on ')[0] ?? traits.version,
    engine: profile.engine,
    reason: reasonFor(profile.engine, traits),
    engines: Object.values(PROFILES).map(({ name, engine, databases, reads, needs }) => {
      return { name, engine, databases, reads, needs };
    }),
    findings: [
      await tried('foreign code', () => foreignCodeFinding(reader, profile)),
      await tried('schema', () => schemaFinding(reader, profile)),
      await tried('rights', () => rightsFinding(reader, profile)),
      await tried('dead tasks', () => deadTasksFinding(reader)),
    ],
  };
}

type Found = Pick<Finding, 'message'> & Partial<Finding>;

/** A failure is a finding, too: it says what to do. */
async function tried(name: string, look: () => Promise<Found>): Promise<Finding> {
  try {
    return { name, ok: true, todo: null, commands: [], ...(await look()) };
  } catch (error) {
    const { message, hint } = operationError(error, `look at ${name}`);
    return { name, ok: false, message, todo: hint, commands: [] };
  }
}

async function foreignCodeFinding(reader: Reader, { dialect }: EngineProfile): Promise<Found> {
  await refuseForeignCode(reader, dialect);
  return { message: 'What relyt_sys runs is all of the database or of this package.' };
}

async function schemaFinding(reader: Reader, { engine }: EngineProfile): Promise<Found> {
  const missing = await missingMigrations(reader, engine);
  if (missing.length === 0) return { message: 'relyt_sys is up to date.' };
  const names = missing.map(({ name }) => name).join(', ');
  throw new RelytError('SCHEMA_MISSING', `The schema relyt_sys lacks ${names}.`);
}

async function rightsFinding(reader: Reader, { engine }: EngineProfile): Promise<Found> {
  const rights = requiredRights(engine);
  const missing = await reader.query<RequiredRight>(missingRights(rights));
  if (missing.length === 0) return { message: 'This role may load.' };
  const names = missing.map(({ privilege, object }) => `${privilege.toUpperCase()} on ${object}`);
  const text = `This role cannot load: it lacks ${names.join(', ')}.`;
  throw new RelytError('DATABASE_PERMISSION_DENIED', text);
}

async function deadTasksFinding(reader: Reader): Promise<Found> {
  const dead = await reader.query<DeadTaskRow>(deadTasks());
  if (dead.length === 0) return { message: 'Every task that is RUNNING has a process.' };
  return {
    ok: false,
    message: `${dead.length} tasks are RUNNING although their processes gave no sign of life for longer than their leases.`,
    todo: 'Continue them, or give them up.',
    commands: dead
      .slice(0, MOST_DEAD)
      .flatMap(({ process_id }) => nextCommands('resume', process_id)),
  };
}
