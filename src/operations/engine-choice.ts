import type { AccessConfig } from '../config/access-config.ts';
import { databaseTraits, profileOf, reasonFor } from '../engines/detect.ts';
import { type EngineName, type EngineProfile, PROFILES } from '../engines/profiles.ts';
import { withDatabase } from './access.ts';

/** A way in which databases read staged files. The texts are sentences without a full stop. */
export interface EngineDescription {
  readonly engine: EngineName;
  /** Tells the kinds of one engine apart, as Greenplum 6 from 7. */
  readonly name: string;
  /** Databases it is for. */
  readonly databases: string;
  /** How such a database reads staged files. */
  readonly reads: string;
  /** What an administrator prepares. */
  readonly needs: string;
  /** How a key that exists already is treated. */
  readonly upserts: string;
}

/** What the engine 'auto' is for a database. */
export interface EngineChoice {
  readonly engine: EngineName;
  /** Tells the kinds of one engine apart, as Greenplum 6 from 7. */
  readonly name: string;
  /** `select version()`, without the compiler. */
  readonly version: string;
  /** Completes "because …". */
  readonly reason: string;
  /** What 'auto' is instead where no S3 is configured; null where the database needs S3. */
  readonly withoutS3: EngineName | null;
}

export function describedEngines(): readonly EngineDescription[] {
  return Object.values(PROFILES).map(
    ({ engine, name, databases, reads, needs, upserts }: EngineProfile) => {
      return { engine, name, databases, reads, needs, upserts };
    },
  );
}

export function chosenFor(access: AccessConfig): Promise<EngineChoice> {
  return withDatabase(access, 'find out what kind of database this is', async (database) => {
    const traits = await databaseTraits(database);
    const { engine, name, dialect } = profileOf(traits, 'auto');
    const withoutS3 = dialect.distributed ? null : PROFILES.direct.engine;
    const version = traits.version.split(' on ')[0] ?? traits.version;
    return { engine, name, version, reason: reasonFor(engine, traits), withoutS3 };
  });
}
