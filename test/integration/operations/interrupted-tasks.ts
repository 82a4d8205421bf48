/** Tasks that did not come to their end. */

import { expect, onTestFinished } from 'vitest';
import type { BulkProcessor } from '../../../src/bulk-processor.ts';
import { armFailpoint, type FailpointName } from '../../../src/failpoints.ts';
import { listKeys } from '../../support/bucket.ts';
import { generate, type LoadOptions, type TestTarget } from '../../support/loading.ts';

export const record = (n: number) => ({ id: n, v: `value ${n}` });

/** Failed with two files imported and a third one, of 10 records, staged: record 30 violates a constraint. */
export async function failedTask(
  target: TestTarget,
  options: LoadOptions = {},
): Promise<BulkProcessor> {
  const processor = await target.open({ batchSize: 10, batchImportSize: 1, ...options });
  await processor.insert(generate(10, record), { position: 10 });
  await processor.insert(
    generate(10, (n) => record(n + 10)),
    { position: 20 },
  );
  await processor.flush();
  await target.database.query(
    `alter table ${target.sql} add constraint poison check (v <> 'poison')`,
  );
  const poisoned = [...generate(9, (n) => record(n + 20)), { id: 29, v: 'poison' }];
  await processor.insert(poisoned, { position: 30 });
  await expect(processor.shutdown()).rejects.toMatchObject({ code: 'IMPORT_REFUSED' });
  return processor;
}

export interface StandStill {
  /** Resolves when the process stands. */
  readonly reached: Promise<void>;
  release(): void;
}

/** Makes this process stand still at a failpoint until it is released, at the latest after the test. */
export function standStillAt(name: FailpointName): StandStill {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    const disarm = armFailpoint(name, () => {
      resolve();
      return released;
    });
    onTestFinished(() => {
      disarm();
      release();
    });
  });
  return { reached, release };
}

/** As if nothing had been heard of the process for so many hours. */
export async function loseSight(target: TestTarget, processId: string, hours = 2): Promise<void> {
  await target.database.query(
    `update relyt_sys.relyt_loader_task set heartbeat_at = now() - $2 * interval '1 hour' where process_id = $1`,
    [processId, hours],
  );
}

/** Keys of what a task has in the bucket. */
export async function keysOf(target: TestTarget, processId: string): Promise<string[]> {
  return (await listKeys(`${target.prefix}/`)).filter((key) => key.includes(`/${processId}/`));
}
