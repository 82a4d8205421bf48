import type { ResolvedConfig } from '../config/load-schema.ts';
import type { Dialect } from '../core/dialect.ts';
import type { S3Settings } from '../core/s3-settings.ts';
import type { TargetTable } from '../core/target-table.ts';
import type { EngineProfile } from '../engines/profiles.ts';
import { keyLanes } from '../records/lanes.ts';
import { filesPerImport } from '../task/import-target.ts';
import type { Findings } from './findings.ts';

export interface Recommendation {
  readonly about: 'files' | 'concurrency' | 'bucket' | 'security' | 'engine';
  readonly text: string;
}

/** Settings that suit what was found. Needs the engine; of the rest, what is not known is left out. */
export function recommendations(findings: Findings, config: ResolvedConfig): Recommendation[] {
  const { profile, segments = 1, target, s3 } = findings;
  if (profile === undefined) return [];
  return [
    { about: 'files', text: filesSentence(profile, segments, config) },
    { about: 'concurrency', text: concurrencySentence(profile, target) },
    ...(s3 === undefined ? [] : [{ about: 'bucket', text: lifecycleSentence(s3) } as const]),
    ...security(findings, profile.dialect),
    ...engineHint(profile),
  ];
}

function filesSentence(profile: EngineProfile, segments: number, config: ResolvedConfig): string {
  const files = filesPerImport({ config, engine: { profile }, segments });
  const each =
    'batchSize 100,000 suits rows of a kilobyte or less; fewer for longer ones, so that a file stays below 256 MiB';
  if (!profile.dialect.distributed) return `${files} files an import; ${each}.`;
  return `${files} files an import, a multiple of the ${segments} segments, which read them side by side; ${each}.`;
}

function concurrencySentence(profile: EngineProfile, target: TargetTable | undefined): string {
  if (profile.dialect.distributed && !profile.dialect.onConflict) {
    return 'concurrency 1 for tables with a key, because an update locks the whole table; 2 to 4 for those without.';
  }
  if (target === undefined || target.key.length === 0) {
    return 'concurrency 2 to 4: more imports at once than the database has idle cores make none of them faster.';
  }
  const { supported, reason } = keyLanes(target, target.columns);
  return supported
    ? 'concurrency 2 to 4: records are spread by their key, so that the last one still wins.'
    : `concurrency 1: ${reason}, so imports would not run side by side anyway.`;
}

function lifecycleSentence({ bucket, prefix }: S3Settings): string {
  const place = prefix === '' ? `s3://${bucket}` : `${prefix}/ in s3://${bucket}`;
  return `give ${place} a lifecycle rule: abort incomplete multipart uploads after 7 days, expire objects after 30 days, or longer than a failed task may wait for its resume; relyt gc removes them earlier.`;
}

function security(findings: Findings, { rowSecurity, distributed }: Dialect): Recommendation[] {
  const { s3, encrypted, settingsArePublic, openView } = findings;
  const texts: string[] = [];
  if (!rowSecurity)
    texts.push(
      'no row-level security is used on this database: every role that loads can read and change the tasks and rejected records of the others. Let roles that must not trust each other load into databases of their own.',
    );
  else if (distributed)
    texts.push(
      'row-level security guards the tasks of a role here, but not their rows in relyt_loader_checkpoint: every role that loads can read and change those.',
    );
  if (openView !== undefined)
    texts.push(
      `the view ${openView.name} shows all rows to all its readers, though a table under it has row security by now. Have an administrator run \`${openView.mend}\``,
    );
  if (settingsArePublic)
    texts.push(
      'every role that can connect can call LOADER_CONFIG() and read the secret: run relyt init to revoke this, and rotate the keys.',
    );
  if (encrypted === false)
    texts.push(
      'the connection to the database is not encrypted: use ssl, unless the network is your own.',
    );
  if (s3?.endpoint.startsWith('http:'))
    texts.push('records travel to S3 unencrypted: use https, unless the network is your own.');
  return texts.map((text) => ({ about: 'security', text }));
}

const HINTS: Readonly<Record<EngineProfile['engine'], string>> = {
  postgres:
    'the database server downloads with curl: it must reach the S3 endpoint by the same address as this machine.',
  copy: 'staged files come back through this machine: run the loader near the database. A database that can read S3 itself is faster.',
  direct:
    'records wait in the memory of this machine and travel to the database directly: run the loader near it. With S3, a load that is interrupted has less to read again.',
  'aws-s3': 'one object is read at a time: few large files are faster than many small ones.',
  greenplum:
    'the keys of the configuration file on the segment hosts must be able to read what the loader writes; compression gzip saves the network, and costs little.',
  relyt:
    'use keys that may only read and write below the prefix: they stand in the external table while an import runs.',
};

function engineHint({ engine }: EngineProfile): Recommendation[] {
  return [{ about: 'engine', text: HINTS[engine] }];
}
