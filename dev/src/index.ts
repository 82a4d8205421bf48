/** PostgreSQL and S3 on this machine, for development and tests. */

export { RelytDevError, type RelytDevErrorCode } from './dev-error.ts';
export type { PostgresBinaries } from './postgres/postgres-binaries.ts';
export { type PostgresOptions, type RunningPostgres, startPostgres } from './postgres/server.ts';
export { type RunningS3Server, type S3ServerOptions, startS3Server } from './s3/server.ts';
export { type Stack, type StackOptions, type StackS3, startStack } from './stack.ts';
