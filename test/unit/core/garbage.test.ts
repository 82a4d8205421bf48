import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FoundInBucket,
  type GarbageAction,
  type KnownTask,
  planGarbage,
} from '../../../src/core/garbage.ts';
import { processIdOfKey, stagedFileName, stagedObjectKey } from '../../../src/core/object-key.ts';
import type { KnownFile } from '../../../src/core/recovery.ts';
import { TASK_STATES } from '../../../src/core/task-state.ts';
import { bytesOf } from '../../support/loader-model.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const DAY = 24 * 3600;
const LIMITS = { now: NOW, olderThanSeconds: DAY, includeUnknown: true };
const PREFIX = 'pre/fix';

interface Bucket {
  readonly found: FoundInBucket;
  readonly tasks: ReadonlyMap<string, KnownTask>;
}

const age = fc
  .integer({ min: 0, max: 3 * DAY })
  .map((seconds) => new Date(NOW.getTime() - seconds * 1000));

function keyOf(processId: string, fileId: number, prefix = PREFIX): string {
  const day = '2026-11-20';
  const fileName = stagedFileName(fileId, { epoch: 1, tag: '0a1b2c3d' });
  return stagedObjectKey({
    prefix,
    day,
    processId,
    fileName,
    format: 'csv',
    gzip: fileId % 2 === 0,
  });
}

const fileState = fc.constantFrom(
  { status: 'CREATED', wasFrozen: false },
  { status: 'FROZEN', wasFrozen: true },
  { status: 'IMPORTING', wasFrozen: true },
  { status: 'IMPORTED', wasFrozen: true },
  { status: 'ERROR', wasFrozen: true },
  { status: 'ERROR', wasFrozen: false },
  undefined,
) satisfies fc.Arbitrary<Pick<KnownFile, 'status' | 'wasFrozen'> | undefined>;

/** A task of up to five files, any of which may lack its row, its object, or have an upload instead. */
const bucketOfTask = fc
  .record({
    processId: fc.uuid(),
    row: fc.option(
      fc.record({
        status: fc.constantFrom(...TASK_STATES),
        foreign: fc.boolean(),
        keepsImported: fc.boolean(),
      }),
      { nil: undefined },
    ),
    files: fc.array(
      fc.record({
        state: fileState,
        lastModified: age,
        hasObject: fc.boolean(),
        hasUpload: fc.boolean(),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ processId, row, files }): Bucket => {
    const placed = files.map((file, i) => ({
      ...file,
      key: keyOf(processId, i + 1),
      fileId: i + 1,
    }));
    const recorded = placed.flatMap(({ state, key, fileId }) =>
      state === undefined ? [] : [[key, { fileId, key, stored: bytesOf(7), ...state }] as const],
    );
    const objects = placed
      .filter(({ hasObject }) => hasObject)
      .map(({ key, lastModified }) => ({ key, size: 7, lastModified }));
    const uploads = placed
      .filter(({ hasUpload }) => hasUpload)
      .map(({ key, lastModified }) => ({ key, uploadId: `up-${key}`, initiated: lastModified }));
    return {
      found: { prefix: PREFIX, objects, uploads },
      tasks: new Map(row === undefined ? [] : [[processId, { ...row, files: new Map(recorded) }]]),
    };
  });

const someTasks = fc.array(bucketOfTask, { maxLength: 5 }).map(
  (buckets): Bucket => ({
    found: {
      prefix: PREFIX,
      objects: buckets.flatMap(({ found }) => found.objects),
      uploads: buckets.flatMap(({ found }) => found.uploads),
    },
    tasks: new Map(buckets.flatMap(({ tasks }) => [...tasks])),
  }),
);

/** The bucket after the actions. */
function after(found: FoundInBucket, actions: readonly GarbageAction[]): FoundInBucket {
  const deleted = new Set(actions.flatMap((a) => (a.do === 'delete-object' ? [a.key] : [])));
  const aborted = new Set(actions.flatMap((a) => (a.do === 'abort-upload' ? [a.uploadId] : [])));
  return {
    prefix: found.prefix,
    objects: found.objects.filter(({ key }) => !deleted.has(key)),
    uploads: found.uploads.filter(({ uploadId }) => !aborted.has(uploadId)),
  };
}

function taskOfKey({ tasks }: Bucket, key: string): KnownTask | undefined {
  return tasks.get(processIdOfKey(PREFIX, key) ?? '');
}

describe('planGarbage', () => {
  it('G1: keeps every frozen file of a task that runs or can be resumed, imported or not', () => {
    fc.assert(
      fc.property(someTasks, (bucket) => {
        const left = new Set(
          after(bucket.found, planGarbage(bucket.found, bucket.tasks, LIMITS)).objects.map(
            (o) => o.key,
          ),
        );
        for (const { key } of bucket.found.objects) {
          const task = taskOfKey(bucket, key);
          const file = task?.files.get(key);
          const resumable = task?.status === 'RUNNING' || task?.status === 'FAILED';
          if (resumable && file?.wasFrozen) {
            expect(left.has(key)).toBe(true);
          }
        }
      }),
    );
  });

  it('keeps everything that a running process writes: its uploads and the objects of its new files', () => {
    fc.assert(
      fc.property(someTasks, (bucket) => {
        const left = after(bucket.found, planGarbage(bucket.found, bucket.tasks, LIMITS));
        const running = (key: string) => taskOfKey(bucket, key)?.status === 'RUNNING';
        const uploads = bucket.found.uploads.filter(({ key }) => running(key));
        expect(left.uploads).toEqual(expect.arrayContaining(uploads));
        const created = bucket.found.objects.filter(
          ({ key }) => running(key) && taskOfKey(bucket, key)?.files.get(key)?.status === 'CREATED',
        );
        expect(left.objects).toEqual(expect.arrayContaining(created));
      }),
    );
  });

  it('touches nothing of another SDK', () => {
    fc.assert(
      fc.property(someTasks, (bucket) => {
        const touched = planGarbage(bucket.found, bucket.tasks, LIMITS).map(({ key }) => key);
        expect(touched.filter((key) => taskOfKey(bucket, key)?.foreign)).toEqual([]);
      }),
    );
  });

  it("touches no unknown task unless told to (G1: it may be another database's)", () => {
    fc.assert(
      fc.property(someTasks, (bucket) => {
        const limits = { now: NOW, olderThanSeconds: 0, includeUnknown: false };
        for (const { processId } of planGarbage(bucket.found, bucket.tasks, limits)) {
          expect(bucket.tasks.has(processId)).toBe(true);
        }
      }),
    );
  });

  it('touches an unknown task only when all of it is old', () => {
    fc.assert(
      fc.property(someTasks, (bucket) => {
        const young = new Set(
          [
            ...bucket.found.objects.map(({ key, lastModified }) => ({ key, time: lastModified })),
            ...bucket.found.uploads.map(({ key, initiated }) => ({ key, time: initiated })),
          ]
            .filter(({ time }) => NOW.getTime() - time.getTime() < DAY * 1000)
            .map(({ key }) => processIdOfKey(PREFIX, key)),
        );
        for (const { processId } of planGarbage(bucket.found, bucket.tasks, LIMITS)) {
          if (!bucket.tasks.has(processId)) expect(young.has(processId)).toBe(false);
        }
      }),
    );
  });

  it('G7: leaves nothing of a task that has ended but imported files that are to stay', () => {
    fc.assert(
      fc.property(someTasks, (bucket) => {
        const left = after(bucket.found, planGarbage(bucket.found, bucket.tasks, LIMITS));
        for (const { key } of [...left.objects, ...left.uploads]) {
          const task = taskOfKey(bucket, key);
          if (task === undefined || task.foreign) continue;
          if (task.status === 'RUNNING' || task.status === 'FAILED') continue;
          expect(task).toMatchObject({ keepsImported: true });
          expect(task.files.get(key)?.status).toBe('IMPORTED');
        }
      }),
    );
  });

  it('G7: leaves nothing of an unknown task that is old', () => {
    fc.assert(
      fc.property(someTasks, (bucket) => {
        const limits = { now: NOW, olderThanSeconds: 0, includeUnknown: true };
        const left = after(bucket.found, planGarbage(bucket.found, bucket.tasks, limits));
        const unknown = [...left.objects, ...left.uploads].filter(
          ({ key }) => taskOfKey(bucket, key) === undefined,
        );
        expect(unknown).toEqual([]);
      }),
    );
  });

  it('has nothing left to do when it was done', () => {
    fc.assert(
      fc.property(someTasks, ({ found, tasks }) => {
        const left = after(found, planGarbage(found, tasks, LIMITS));
        expect(planGarbage(left, tasks, LIMITS)).toEqual([]);
      }),
    );
  });

  it('plans each task as if it were alone', () => {
    fc.assert(
      fc.property(fc.array(bucketOfTask, { minLength: 1, maxLength: 4 }), (buckets) => {
        const together = planGarbage(
          {
            prefix: PREFIX,
            objects: buckets.flatMap(({ found }) => found.objects),
            uploads: buckets.flatMap(({ found }) => found.uploads),
          },
          new Map(buckets.flatMap(({ tasks }) => [...tasks])),
          LIMITS,
        );
        const alone = buckets.flatMap(({ found, tasks }) => planGarbage(found, tasks, LIMITS));
        const names = (actions: readonly GarbageAction[]) =>
          actions.map((action) => `${action.do} ${action.key}`).sort();
        expect(names(together)).toEqual(names(alone));
      }),
    );
  });
});

describe('keys that are not ours', () => {
  const id = '6f6dcb3e-2f9b-4a3c-9a43-0123456789ab';
  const ours = `2026-11-20/${id}/file-000001-e1.csv`;
  const old = new Date(0);

  it.each([
    ['a neighbour whose name begins with the prefix', `pre/fix2/${ours}`],
    ['a folder above the prefix', ours],
    ['a folder below it', `pre/fix/sub/${ours}`],
    ['the prefix as part of a name', `x/pre/fix/${ours}`],
    ['no process id', 'pre/fix/2026-11-20/my-files/file-000001-e1.csv'],
    ['no day', `pre/fix/today/${id}/file-000001-e1.csv`],
    ['another name of a file', `pre/fix/2026-11-20/${id}/report.csv`],
    ['a file of the Go SDK', `pre/fix/2026-11-20/${id}/file_1.csv`],
    ['something behind the name', `pre/fix/2026-11-20/${id}/file-000001-e1.csv.bak`],
    ['two folders below the task', `pre/fix/2026-11-20/${id}/a/b/file-000001-e1.csv`],
  ])('are never touched: %s', (_, key) => {
    const found = {
      prefix: 'pre/fix',
      objects: [{ key, size: 1, lastModified: old }],
      uploads: [{ key, uploadId: 'u', initiated: old }],
    };

    expect(planGarbage(found, new Map(), LIMITS)).toEqual([]);
  });

  it('but those in a folder of an import are ours', () => {
    expect(processIdOfKey('', `2026-11-20/${id}/import-1/file-000001-e1.csv.gz`)).toBe(id);
    expect(processIdOfKey('pre/fix', keyOf(id, 1_234_567))).toBe(id);
  });
});
