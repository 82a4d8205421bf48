import type { S3Settings } from '../core/s3-settings.ts';
import type { HeldFiles } from './held-files.ts';
import type { ObjectStore } from './object-store.ts';

/** A bucket, and the way to it. */
export interface Staging {
  readonly s3: S3Settings;
  readonly store: ObjectStore;
}

/** Where closed files wait for their import: in S3, or in the memory of this process, with which they go. */
export type StagingPlace =
  | ({ readonly kind: 's3' } & Staging)
  | { readonly kind: 'memory'; readonly store: HeldFiles };
