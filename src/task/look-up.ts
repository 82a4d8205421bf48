import type { ResolvedConfig } from '../config.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { TargetTable } from '../core/target-table.ts';
import { readTargetTable } from '../database/catalogue.ts';
import type { Database } from '../database/database.ts';
import { createEngine } from '../engines/create-engine.ts';
import { countSegments } from '../engines/detect.ts';
import type { Engine } from '../engines/engine.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { S3ObjectStore } from '../staging/s3-object-store.ts';
import { RoutedTarget } from '../target/routed-target.ts';
import { readTargetRights, type TargetRights } from '../target/target-rights.ts';
import { readS3Settings } from './read-s3-settings.ts';

/** What a load has to know, and works with, before its first record. */
export interface LookedUp {
  readonly table: TargetTable;
  /** What the role may do with it. */
  readonly rights: TargetRights;
  /** Where its groups live. */
  readonly routed: RoutedTarget;
  readonly s3: S3Settings;
  /** To be closed by the caller. */
  readonly store: ObjectStore;
  readonly engine: Engine;
  /** Segments that read staged files at a time; 1 where there are none. */
  readonly segments: number;
}

/** Reads only. On failure nothing stays open. */
export async function lookUp(
  database: Database,
  profile: EngineProfile,
  config: ResolvedConfig,
): Promise<LookedUp> {
  const { dialect } = profile;
  const { postgresql, onConflict, groupColumn } = config;
  const { schema, table: name } = postgresql;
  const table = await readTargetTable(database, dialect, { schema, table: name });
  const s3 = await readS3Settings(database, config.s3);
  const rights = await readTargetRights(database, { table, dialect, groupColumn });
  rights.requireFor(onConflict);
  const segments = await countSegments(database, profile);
  const routed = new RoutedTarget({ table, groupColumn, dialect });
  const store = new S3ObjectStore(s3);
  const engine = createEngine(profile, { objects: store, s3, options: config });
  return { table, rights, routed, s3, store, engine, segments };
}
