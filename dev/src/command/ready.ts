/** What is printed when both servers accept connections. */

import type { Stack } from '../stack.ts';

export function readyJson({ postgres, s3 }: Stack, dataDir: string | undefined): string {
  return JSON.stringify({
    ok: true,
    databaseUrl: postgres.url,
    postgresVersion: postgres.version,
    s3,
    dataDir: dataDir ?? null,
  });
}

export function readyText({ postgres, s3 }: Stack, dataDir: string | undefined): string {
  const kept =
    dataDir === undefined
      ? 'temporary, removed at the end (--data-dir keeps them)'
      : `kept in ${dataDir}`;
  return [
    `PostgreSQL ${postgres.version} on ${postgres.host}:${postgres.port}`,
    `S3 on ${s3.endpoint}, bucket ${s3.bucket}, region ${s3.region}`,
    `data: ${kept}`,
    '',
    'In another terminal, prepare the database once and load into it:',
    `  export DATABASE_URL='${postgres.url}'`,
    `  export RELYT_S3_ACCESS_KEY='${s3.accessKey}' RELYT_S3_SECRET_KEY='${s3.secretKey}'`,
    `  npx relyt init --s3-endpoint ${s3.endpoint} --s3-bucket ${s3.bucket} --s3-region ${s3.region} --s3-prefix staged`,
    '  npx relyt load people.csv --table public.people',
    '',
    'Ctrl-C stops both servers.',
  ].join('\n');
}
