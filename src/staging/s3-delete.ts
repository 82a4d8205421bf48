import { RelytError } from '../errors.ts';

/** S3's own limit. */
const KEYS_PER_REQUEST = 1000;
const PARALLEL_SINGLES = 8;

export interface DeleteCalls {
  /** DeleteObjects; returns the keys it could not delete. */
  readonly many: (
    keys: readonly string[],
  ) => Promise<readonly { Key?: string | undefined; Code?: string | undefined }[]>;
  readonly one: (key: string) => Promise<void>;
}

/**
 * Deletes by the thousand; one at a time where the server refuses that. Some want a Content-MD5 header, which the
 * SDK no longer sends, and some do not have the operation.
 */
export async function deleteObjects(keys: readonly string[], calls: DeleteCalls): Promise<void> {
  let singly = keys.length === 1;
  for (let start = 0; start < keys.length; start += KEYS_PER_REQUEST) {
    const some = keys.slice(start, start + KEYS_PER_REQUEST);
    const left = singly ? some : await deleteMany(some, calls);
    // A server that refuses the operation once always refuses it.
    singly ||= left.length === some.length;
    await deleteSingly(left, calls);
  }
}

/** Returns the keys that are still to be deleted. */
async function deleteMany(keys: readonly string[], calls: DeleteCalls): Promise<readonly string[]> {
  try {
    const failed = await calls.many(keys);
    // One by one, each of them gets the tries, and in the end the error, of its own.
    return failed.map(({ Key }) => Key).filter((key) => key !== undefined);
  } catch (error) {
    // S3_ERROR is all that is not about the network, load, rights, keys or the bucket.
    if (error instanceof RelytError && error.code === 'S3_ERROR') return keys;
    throw error;
  }
}

async function deleteSingly(keys: readonly string[], calls: DeleteCalls): Promise<void> {
  const queue = keys.values();
  const worker = async () => {
    for (const key of queue) await calls.one(key);
  };
  const results = await Promise.allSettled(
    Array.from({ length: Math.min(PARALLEL_SINGLES, keys.length) }, worker),
  );
  // Only now, so that no request goes on in the background after a failure.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
