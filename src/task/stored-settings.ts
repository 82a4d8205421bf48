import type { ResolvedConfig } from '../config/load-schema.ts';
import { CHANGEABLE_SETTINGS, type ChangeableSetting } from '../core/changeable-setting.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { ReadingSettings } from '../database/statements/reading.ts';
import type { EngineName } from '../engines/profiles.ts';
import type { StagingPlace } from '../staging/staging-place.ts';

/** What a task works with, as far as its settings go. */
export interface TaskSettings {
  readonly config: ResolvedConfig;
  readonly staging: StagingPlace;
  /** The one in use, where the configuration may say 'auto'. */
  readonly engine: EngineName;
}

/** Beside them, what is not compared: a resume keeps what the task began with. */
interface BegunWith extends TaskSettings {
  readonly reading: ReadingSettings;
}

/** What is stored of a task's configuration: no secrets, no connection. */
export function storedSettings(settings: BegunWith): Record<string, unknown> {
  const { config, reading } = settings;
  return {
    ...mattering(settings),
    greenplum: config.greenplum,
    awsS3: config.awsS3,
    batchSize: config.batchSize,
    batchImportSize: config.batchImportSize,
    concurrency: config.concurrency,
    maxErrorRecords: config.maxErrorRecords,
    compression: config.compression,
    layout: config.layout,
    cleanup: config.cleanup,
    source: config.source ?? null,
    reading,
  };
}

/** Settings that decide what the rows become, or where the staged files are: a resume must not change them silently. */
function mattering({
  config,
  staging,
  engine,
}: TaskSettings): Readonly<Record<ChangeableSetting, unknown>> {
  return {
    engine,
    onConflict: config.onConflict,
    conflictColumns: config.conflictColumns ?? null,
    updateColumns: config.updateColumns ?? null,
    columns: config.columns ?? null,
    s3Location: staging.kind === 's3' ? s3Location(staging.s3) : null,
  };
}

/** Which bucket the staged files are in. */
export function s3Location(s3: S3Settings): string {
  return `${s3.endpoint}/${s3.bucket}`;
}

/** One sentence for each setting that matters and differs from what the task was started with. */
export function differingSettings(
  stored: Readonly<Record<string, unknown>>,
  now: TaskSettings,
): { readonly name: ChangeableSetting; readonly text: string }[] {
  const settings = mattering(now);
  return CHANGEABLE_SETTINGS.map((name) => ({
    name,
    was: canonical(stored[name]),
    now: canonical(settings[name]),
  }))
    .filter(({ was, now }) => was !== now)
    .map(({ name, was, now }) => ({ name, text: `${name} was ${was} and is now ${now}` }));
}

/** How the database is to read the text of a task. One of an older version did not say all of it. */
export function storedReading({
  reading,
}: {
  readonly reading?: Partial<Readonly<Record<keyof ReadingSettings, unknown>>> | undefined;
}): Partial<ReadingSettings> {
  const { timeZone, zoneAbbreviations, lcMonetary } = reading ?? {};
  return {
    ...(typeof timeZone === 'string' && { timeZone }),
    ...(typeof zoneAbbreviations === 'string' && { zoneAbbreviations }),
    ...(typeof lcMonetary === 'string' && { lcMonetary }),
  };
}

/** JSON with sorted keys: jsonb does not keep their order. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value ?? null, (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? 'null'
  );
}
