import { databaseError } from '../database/database-error.ts';
import type { Reader } from '../database/session.ts';
import type { Statement } from '../database/statement.ts';
import { RelytError } from '../errors.ts';
import { HAS_AWS_S3 } from './aws-s3-statements.ts';
import { type EngineName, type EngineProfile, PROFILES } from './profiles.ts';

/** The oldest server_version_num on which the engine `postgres` is promised to work. */
const FILES_BY_PROGRAM = 130_000;

/** What a database says of itself, in words every relative of PostgreSQL understands. */
export interface DatabaseTraits {
  /** `select version()` */
  readonly version: string;
  /** server_version_num of the PostgreSQL underneath. */
  readonly number: number;
  /** It has segments. */
  readonly isDistributed: boolean;
  /** relyt_sys holds the functions of the engine postgres. */
  readonly isPrepared: boolean;
  /** … or this role could make them: it is a superuser, and file_fdw is there. */
  readonly canPrepare: boolean;
  readonly hasAwsS3: boolean;
}

/** Names that may be missing are looked up, never asked for: 9.4 has no `current_setting(…, true)`. */
const readTraits = (): Statement => ({
  name: 'readTraits',
  text: `select version() as version, current_setting('server_version_num')::int as number,
       exists (select 1 from pg_catalog.pg_settings where name = 'gp_role') as "isDistributed",
       exists (select 1 from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
               where n.nspname = 'relyt_sys' and p.proname = 'relyt_loader_open') as "isPrepared",
       (select rolsuper from pg_catalog.pg_roles where rolname = current_user)
         and exists (select 1 from pg_catalog.pg_available_extensions where name = 'file_fdw') as "canPrepare",
       ${HAS_AWS_S3} as "hasAwsS3"`,
});

/** The engine for a database: what was prepared for it counts more than what could be. */
export function engineOf(traits: DatabaseTraits): EngineProfile {
  if (/relyt|hashdata/i.test(traits.version)) return PROFILES.relyt;
  if (traits.isDistributed) return greenplumProfile(traits);
  requireSupported(traits, 'auto');
  if (traits.isPrepared) return PROFILES.postgres;
  if (traits.hasAwsS3) return PROFILES.awsS3;
  return traits.canPrepare && traits.number >= FILES_BY_PROGRAM ? PROFILES.postgres : PROFILES.copy;
}

/** Why `engineOf` decided so, in its own order. Completes "because …". */
export function reasonFor(engine: EngineProfile['engine'], traits: DatabaseTraits): string {
  if (engine === 'relyt') return 'its version says so';
  if (engine === 'greenplum') return 'it has segments';
  if (engine === 'aws-s3') return 'it has the extension aws_s3';
  if (engine === 'postgres') {
    return traits.isPrepared
      ? 'relyt init has prepared it'
      : 'file_fdw is there and this role is a superuser, so that it can be prepared';
  }
  return 'it is not prepared to read S3, and this role cannot prepare it (relyt init by a superuser would)';
}

/** The engine the user chose, for this database. @throws RelytError ENGINE_UNSUPPORTED when the two do not go together */
function chosenEngine(engine: EngineName, traits: DatabaseTraits): EngineProfile {
  if (engine === 'greenplum') {
    if (traits.isDistributed) return greenplumProfile(traits);
    throw unfit(engine, traits, 'has no segments');
  }
  if (engine === 'relyt') return PROFILES.relyt;
  if (traits.isDistributed) throw unfit(engine, traits, 'keeps its rows on segments');
  requireSupported(traits, engine);
  if (engine === 'aws-s3') return PROFILES.awsS3;
  if (engine === 'copy') return PROFILES.copy;
  if (engine === 'direct') return PROFILES.direct;
  if (traits.number < FILES_BY_PROGRAM) throw unfit(engine, traits, 'is older than PostgreSQL 13');
  return PROFILES.postgres;
}

function greenplumProfile({ number }: DatabaseTraits): EngineProfile {
  return number < 120_000 ? PROFILES.greenplum6 : PROFILES.greenplum7;
}

function requireSupported(traits: DatabaseTraits, engine: EngineName | 'auto'): void {
  if (traits.number < 120_000) throw unfit(engine, traits, 'is older than PostgreSQL 12');
}

function unfit(engine: EngineName | 'auto', { version }: DatabaseTraits, why: string): RelytError {
  return new RelytError(
    'ENGINE_UNSUPPORTED',
    `The engine ${engine} does not fit this database, which ${why}: ${version.split(' on ')[0]}.`,
    { hint: "Leave the engine to 'auto', or choose another one: `relyt engines` lists them." },
  );
}

/** @throws RelytError DATABASE_… */
export async function databaseTraits(session: Reader): Promise<DatabaseTraits> {
  try {
    const [traits] = await session.query<DatabaseTraits>(readTraits());
    if (traits === undefined)
      throw new RelytError('INTERNAL', 'The database did not report its version.');
    return traits;
  } catch (error) {
    throw databaseError(error, 'find out what kind of database this is');
  }
}

/** @throws RelytError ENGINE_UNSUPPORTED when the chosen engine does not go with such a database */
export function profileOf(traits: DatabaseTraits, chosen: EngineName | 'auto'): EngineProfile {
  return chosen === 'auto' ? engineOf(traits) : chosenEngine(chosen, traits);
}

/** A database, and the engine it is loaded with. */
export interface DetectedDatabase {
  readonly traits: DatabaseTraits;
  readonly profile: EngineProfile;
}

/** @throws RelytError DATABASE_…, ENGINE_UNSUPPORTED */
export async function detect(
  session: Reader,
  chosen: EngineName | 'auto',
): Promise<DetectedDatabase> {
  const traits = await databaseTraits(session);
  return { traits, profile: profileOf(traits, chosen) };
}

export async function detectEngine(
  session: Reader,
  chosen: EngineName | 'auto',
): Promise<EngineProfile> {
  return (await detect(session, chosen)).profile;
}

/** Segments that read at a time; 1 where there are none. */
export async function countSegments(session: Reader, profile: EngineProfile): Promise<number> {
  if (!profile.dialect.distributed) return 1;
  const [row] = await session.query<{ segments: number }>({
    name: 'countSegments',
    text: `select count(*) as segments from pg_catalog.gp_segment_configuration where content >= 0 and role = 'p'`,
  });
  return Math.max(1, row?.segments ?? 1);
}
