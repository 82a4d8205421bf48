import type { PreparedDatabase } from '../../prepare/preparation.ts';

/** What init did, as lines for people. */
export function preparedLines(prepared: PreparedDatabase): string[] {
  const { engine, migrations, roles, s3, locations } = prepared;
  const lines = [
    `engine    ${engine}`,
    migrations.length === 0
      ? 'schema    relyt_sys is up to date'
      : `schema    relyt_sys: applied ${migrations.join(', ')}`,
  ];
  for (const role of roles) lines.push(`role      ${role} has the rights of a loader`);
  if (s3 !== null) {
    const prefix = s3.prefix === '' ? '' : `/${s3.prefix}`;
    lines.push(
      `s3        settings written: ${s3.bucket}${prefix} at ${s3.endpoint} (${s3.region})`,
    );
  }
  for (const { url, added } of locations)
    lines.push(`location  ${url} ${added ? 'is allowed now' : 'was allowed already'}`);
  if (prepared.secretWasPublic) {
    lines.push(
      'warning   LOADER_CONFIG() could be called by every role, so every role could read the S3 secret;',
      '          now only granted roles can: use --role, and rotate the keys',
    );
  }
  return lines;
}
