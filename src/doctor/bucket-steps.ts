import type { S3Settings } from '../core/s3-settings.ts';
import { RelytError } from '../errors.ts';
import type { ObjectStore } from '../staging/object-store.ts';
import { type Findings, known } from './findings.ts';
import { probeKey } from './probe-place.ts';
import type { Examination, Step } from './step.ts';

const CONTENT = Buffer.from('1,"a probe of relyt doctor"\n', 'utf8');
const SECONDS = 30;
/** What removing the probe's objects may take after the step itself was ended. */
const CLEANUP_MS = 5_000;

/** The rights on the bucket, each tried on an object of its own; they are named when one is missing. */
const WRITE: Step = {
  name: 'bucket: write',
  asks: 'S3',
  seconds: SECONDS,
  async run(examination, signal) {
    const { findings, processId } = examination;
    const { store, s3 } = known(findings, 'store', 's3');
    const key = probeKey(s3, processId, { fileId: 1 });
    await tried(findings, ['s3:PutObject'], async () => {
      await store.putObject({ key, chunks: [CONTENT], signal });
    });
    findings.written = key;
    return `stored an object below ${folderOf(key)}`;
  },
};

const READ: Step = {
  name: 'bucket: read',
  asks: 'S3',
  seconds: SECONDS,
  async run({ findings }, signal) {
    const { store, written } = known(findings, 'store', 'bucket', 'written');
    const chunks: Buffer[] = [];
    await tried(findings, ['s3:GetObject'], async () => {
      const head = await store.headObject(written, signal);
      if (head?.size !== CONTENT.length) throw lost(written, `${head?.size ?? 'no'} bytes`);
      for await (const chunk of await store.readObject(written, { signal })) chunks.push(chunk);
    });
    if (!Buffer.concat(chunks).equals(CONTENT)) throw lost(written, 'other bytes');
    return 'the object has the bytes that were stored';
  },
};

const LIST: Step = {
  name: 'bucket: list',
  asks: 'S3',
  seconds: SECONDS,
  async run({ findings, processId }, signal) {
    const { store, s3 } = known(findings, 'store', 's3', 'bucket');
    const folder = folderOf(probeKey(s3, processId, { fileId: 1 }));
    const keys: string[] = [];
    await tried(findings, ['s3:ListBucket'], async () => {
      for await (const { key } of store.list(folder, signal)) keys.push(key);
    });
    const { written } = findings;
    if (written !== undefined && !keys.includes(written)) throw lost(written, 'not listed');
    return 'the objects of a folder are listed';
  },
};

const MULTIPART: Step = {
  name: 'bucket: multipart',
  asks: 'S3',
  seconds: SECONDS,
  async run({ findings, processId }, signal) {
    const { store, s3 } = known(findings, 'store', 's3', 'bucket');
    const key = probeKey(s3, processId, { fileId: 2 });
    try {
      await tried(findings, ['s3:PutObject'], () => uploadInParts(store, key, signal));
      await tried(
        findings,
        ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:ListBucketMultipartUploads'],
        () => listAndAbort(store, key, signal),
      );
    } finally {
      // A missing right was reported already; what cannot be removed is told by the step that deletes.
      await store.deleteObject(key, AbortSignal.timeout(CLEANUP_MS)).catch(() => undefined);
    }
    return 'an upload in parts was completed, another one listed and aborted';
  },
};

const DELETE: Step = {
  name: 'bucket: delete',
  asks: 'S3',
  seconds: SECONDS,
  async run({ findings }, signal) {
    const { store, written } = known(findings, 'store', 'bucket', 'written');
    try {
      await tried(findings, ['s3:DeleteObject'], () => store.deleteObjects([written], signal));
    } catch (error) {
      if (!(error instanceof RelytError)) throw error;
      const hint = `${error.hint} Delete what doctor could not: ${written}.`;
      throw new RelytError(error.code, error.message, { hint, details: error.details });
    }
    const left = await store.headObject(written, signal);
    if (left !== undefined) throw lost(written, 'still there after it was deleted');
    delete findings.written;
    return 'the object was deleted';
  },
};

export const BUCKET_STEPS: readonly Step[] = [WRITE, READ, LIST, MULTIPART, DELETE];

/** Removes what an examination that was stopped, or is not allowed to delete, has in the bucket, as far as that is possible. */
export async function removeProbes({ findings }: Pick<Examination, 'findings'>): Promise<void> {
  const { store, written } = findings;
  if (written === undefined) return;
  await store?.deleteObject(written, AbortSignal.timeout(CLEANUP_MS)).catch(() => undefined);
}

async function uploadInParts(store: ObjectStore, key: string, signal: AbortSignal): Promise<void> {
  const uploadId = await store.createMultipart({ key, signal });
  try {
    await complete(store, { key, uploadId, signal });
  } catch (error) {
    const limit = AbortSignal.timeout(CLEANUP_MS);
    await store.abortMultipart(key, uploadId, limit).catch(() => undefined);
    throw error;
  }
}

async function listAndAbort(store: ObjectStore, key: string, signal: AbortSignal): Promise<void> {
  const uploadId = await store.createMultipart({ key, signal });
  let listed = false;
  try {
    for await (const upload of store.listMultipartUploads(key, signal))
      listed ||= upload.uploadId === uploadId;
  } finally {
    await abortOrComplete(store, key, uploadId);
  }
  if (!listed) throw lost(key, 'an upload that is not listed');
}

/** An upload that this role is not allowed to abort is completed: the object it becomes can be deleted. */
async function abortOrComplete(store: ObjectStore, key: string, uploadId: string): Promise<void> {
  const signal = AbortSignal.timeout(CLEANUP_MS);
  try {
    await store.abortMultipart(key, uploadId, signal);
  } catch (error) {
    await complete(store, { key, uploadId, signal }).catch(() => undefined);
    throw error;
  }
}

async function complete(
  store: ObjectStore,
  upload: { readonly key: string; readonly uploadId: string; readonly signal: AbortSignal },
): Promise<void> {
  const part = await store.uploadPart({ ...upload, partNumber: 1, chunks: [CONTENT] });
  await store.completeMultipart({ ...upload, parts: [{ ...part, partNumber: 1 }] });
}

/** Runs requests that need these permissions, and names them when S3 denies access. */
async function tried(
  findings: Findings,
  permissions: readonly string[],
  requests: () => Promise<void>,
): Promise<void> {
  try {
    await requests();
    findings.bucket = true;
  } catch (error) {
    if (!(error instanceof RelytError) || error.code !== 'S3_ACCESS_DENIED') throw error;
    findings.bucket = true;
    const { s3 } = known(findings, 's3');
    throw new RelytError('S3_ACCESS_DENIED', error.message, {
      hint: `Allow ${permissions.join(', ')} on ${resourcesOf(s3, permissions)}.`,
      details: error.details,
    });
  }
}

/** Rights of the bucket itself, and rights of the objects in it, have different resources. */
function resourcesOf({ bucket, prefix }: S3Settings, permissions: readonly string[]): string {
  const arn = `arn:aws:s3:::${bucket}`;
  const ofBucket = permissions.some((name) => /ListBucket/.test(name));
  const objects = `${arn}/${prefix === '' ? '' : `${prefix}/`}*`;
  return ofBucket && permissions.length === 1 ? arn : ofBucket ? `${arn} and ${objects}` : objects;
}

function lost(key: string, found: string): RelytError {
  return new RelytError('S3_ERROR', `S3 does not keep what it was given: ${key}, ${found}.`, {
    hint: 'Check that the endpoint is an S3 server with read-after-write consistency, and that no other program deletes below the prefix.',
  });
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}
