import type { ResolvedConfig } from '../config.ts';
import type { S3Settings } from '../core/s3-settings.ts';

/** What is stored of a task's configuration: no secrets, no connection. */
export function recordedSettings(config: ResolvedConfig, s3: S3Settings): Record<string, unknown> {
  return {
    ...mattering(config, s3),
    batchSize: config.batchSize,
    batchImportSize: config.batchImportSize,
    concurrency: config.concurrency,
    maxErrorRecords: config.maxErrorRecords,
    compression: config.compression,
    cleanup: config.cleanup,
    source: config.source ?? null,
  };
}

/** Settings that decide what the rows become, or where the staged files are: a resume must not change them silently. */
function mattering(config: ResolvedConfig, s3: S3Settings): Record<string, unknown> {
  return {
    onConflict: config.onConflict,
    columns: config.columns ?? null,
    s3Location: s3Location(s3),
  };
}

/** Which bucket the staged files are in. */
export function s3Location(s3: S3Settings): string {
  return `${s3.endpoint}/${s3.bucket}`;
}

/** One sentence for each setting that matters and differs from what the task was started with. */
export function differingSettings(
  recorded: Readonly<Record<string, unknown>>,
  config: ResolvedConfig,
  s3: S3Settings,
): { readonly name: string; readonly text: string }[] {
  return Object.entries(mattering(config, s3))
    .map(([name, now]) => ({ name, was: canonical(recorded[name]), now: canonical(now) }))
    .filter(({ was, now }) => was !== now)
    .map(({ name, was, now }) => ({ name, text: `${name} was ${was} and is now ${now}` }));
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
