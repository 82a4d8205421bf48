import type { RetryLimits } from '../core/retry-policy.ts';
import type { ObjectStore } from './object-store.ts';
import { withRetries } from './retry.ts';

/** What an upload that came to nothing may have left in S3. */
export interface UploadRemains {
  readonly key: string;
  readonly uploadId?: string;
  /** There may be uploads to the key of which only S3 knows the id. */
  readonly strayUploads?: boolean;
  /** The one upload to the key that is not stray. */
  readonly keepUploadId?: string;
  readonly objectMayExist?: boolean;
}

const CANCEL_RETRY: RetryLimits = { attempts: 4, baseMs: 250, maxMs: 2_000 };
/** For all of it: a server that hangs must not hold up a shutdown; the clean-up after a crash finds the rest. */
const CANCEL_TIMEOUT_MS = 30_000;

/** Removes every trace of an upload (G7). It does not listen to the signal that cancelled the upload. */
export async function cancelUpload(store: ObjectStore, remains: UploadRemains): Promise<void> {
  const { key, uploadId } = remains;
  const signal = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
  const repeated = <T>(operation: () => Promise<T>) => withRetries(operation, CANCEL_RETRY, signal);
  if (uploadId !== undefined) {
    await repeated(() => store.abortMultipart(key, uploadId, signal));
  }
  if (remains.strayUploads) {
    await repeated(async () => {
      for await (const upload of store.listMultipartUploads(key, signal)) {
        // The key is a prefix here, other files' keys may begin with it.
        if (upload.key !== key || upload.uploadId === remains.keepUploadId) continue;
        await store.abortMultipart(key, upload.uploadId, signal);
      }
    });
  }
  if (remains.objectMayExist) await repeated(() => store.deleteObject(key, signal));
}
