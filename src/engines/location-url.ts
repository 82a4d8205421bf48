import type { S3Settings } from '../core/s3-settings.ts';
import type { StagedReader } from './engine.ts';

/** What every presigned URL of a staged file begins with, as the store itself spells it. Makes no request. */
export async function locationUrl(
  store: Pick<StagedReader, 'presignGet'>,
  s3: S3Settings,
): Promise<string> {
  const probe = 'x';
  const key = s3.prefix === '' ? probe : `${s3.prefix}/${probe}`;
  const url = new URL(await store.presignGet(key, 60));
  return `${url.origin}${url.pathname.slice(0, -probe.length)}`;
}
