import type { S3Settings } from '../core/s3-settings.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { Database } from '../database/database.ts';
import type { Engine } from '../engines/engine.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import type { OpenView } from '../routing/row-security.ts';
import type { HeldFiles } from '../staging/held-files.ts';
import type { ObjectStore } from '../staging/object-store.ts';

/** What the steps of an examination find out, for the steps after them. */
export interface Findings {
  database?: Database;
  /** The role of the connection. */
  role?: string;
  /** Whether the connection is encrypted; left out where the database cannot tell. */
  encrypted?: boolean;
  profile?: EngineProfile;
  /** Segments that read at a time; 1 where there are none. */
  segments?: number;
  /** Nothing of relyt_sys runs code of others. */
  ownCode?: true;
  /** The schema relyt_sys is complete. */
  schema?: true;
  s3?: S3Settings;
  store?: ObjectStore;
  /** Where files wait, when no S3 is used. */
  held?: HeldFiles;
  /** Every role may call LOADER_CONFIG(), and so read the secret. */
  settingsArePublic?: boolean;
  /** Prepared: the database may read what is staged. */
  engine?: Engine;
  target?: TargetTable;
  /** The view over the target and its auxiliary table shows what a table hides. */
  openView?: OpenView | undefined;
  /** S3 answers, the bucket is there and the keys are valid. */
  bucket?: true;
  /** Key of an object that was written to the bucket. */
  written?: string;
}

/** Each finding as the subject of "needs …". */
const SUBJECTS: Readonly<Record<keyof Findings, string>> = {
  database: 'a connection to the database',
  role: 'a connection to the database',
  encrypted: 'a connection to the database',
  profile: 'the engine',
  segments: 'the engine',
  ownCode: 'a relyt_sys without foreign code',
  schema: 'the schema relyt_sys',
  s3: 'the S3 settings',
  store: 'the S3 settings',
  held: 'an engine without S3',
  settingsArePublic: 'the S3 settings',
  engine: "the database's access to S3",
  target: 'a target table (--table)',
  openView: 'a target table (--table)',
  bucket: 'the bucket',
  written: 'the right to write to the bucket',
};

/** A step was not tried; the message says why. */
export class SkippedError extends Error {}

/** What is looked at only where records go over S3. */
const OF_S3: ReadonlySet<keyof Findings> = new Set(['s3', 'store', 'bucket', 'written']);

export function notUsed({ engine }: EngineProfile): SkippedError {
  return new SkippedError(`not needed: the engine ${engine} uses no S3`);
}

/** @throws SkippedError when one of them was not found */
export function known<Name extends keyof Findings>(
  findings: Findings,
  ...names: readonly Name[]
): Required<Pick<Findings, Name>> {
  const missing = names.find((name) => findings[name] === undefined);
  const { profile } = findings;
  if (missing !== undefined && OF_S3.has(missing) && profile?.inMemory) throw notUsed(profile);
  if (missing !== undefined) throw new SkippedError(`needs ${SUBJECTS[missing]}`);
  return findings as Required<Pick<Findings, Name>>;
}
