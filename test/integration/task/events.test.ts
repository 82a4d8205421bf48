// What a program that listens is told of a load, and that its listeners cannot harm it.

import { describe, expect, test, vi } from 'vitest';
import type { BulkProcessor } from '../../../src/bulk-processor.ts';
import type { ProcessorEvents, Progress } from '../../../src/events.ts';
import { failureOf, generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, v: `value ${n}` });
const COLUMNS = 'id int primary key, v text';
const NAMES = ['fileFrozen', 'imported', 'recordRejected', 'progress', 'failed'] as const;

/** Names of the events in their order. */
function heardOf(processor: BulkProcessor, names: readonly (keyof ProcessorEvents)[]): string[] {
  const heard: string[] = [];
  for (const name of names) processor.on(name, () => heard.push(name));
  return heard;
}

describe('events', () => {
  const makeTarget = targetsOn(defaultServer());

  test('the last progress comes before shutdown() resolves, and nothing after it', async () => {
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ batchSize: 10 });
    const heard = heardOf(processor, NAMES);
    const last: Progress[] = [];
    processor.on('progress', (progress) => last.splice(0, 1, progress));
    const imports: number[] = [];
    const loop = (async () => {
      for await (const { counts } of processor.events('imported')) imports.push(counts.inserted);
    })();
    await processor.insert(generate(30, record));
    await processor.shutdown();
    await loop;

    expect(heard.at(-1)).toBe('progress');
    expect(last[0]).toMatchObject({ received: 30, imported: 30, rows: { inserted: 30 } });
    expect(imports.reduce((sum, inserted) => sum + inserted, 0)).toBe(30);
    const ended = heard.length;
    await processor.abort();
    expect(heard).toHaveLength(ended);
  });

  test.each(['abort()', 'its signal', 'leaving its scope'])(
    'an abort by %s is not a failure',
    async (by) => {
      const target = await makeTarget(COLUMNS);
      const controller = new AbortController();
      const processor = await target.open({ signal: controller.signal });
      const heard = heardOf(processor, ['failed', 'progress']);
      await processor.insert([record(1)]);
      if (by === 'abort()') await processor.abort();
      else if (by === 'its signal') controller.abort();
      else await processor[Symbol.asyncDispose]();
      expect((await failureOf(processor.flush())).code).toBe('ABORTED');
      await processor.abort();

      expect(heard).toEqual(['progress']);
    },
  );

  test('a failure is told once, and once more by the last progress', async () => {
    const target = await makeTarget('id int check (id <> 3), v text');
    await using processor = await target.open();
    const heard = heardOf(processor, ['failed', 'progress']);
    await processor.insert(generate(5, record));
    expect(await failureOf(processor.flush())).toMatchObject({
      code: 'IMPORT_REFUSED',
      retry: 'manual',
    });
    await processor.abort();

    // On a busy machine it takes longer than a second to fail, and progress is told before.
    expect(heard.slice(heard.indexOf('failed'))).toEqual(['failed', 'progress']);
  });

  test('listeners that throw or reject leave every record in the table once (G1)', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const target = await makeTarget(COLUMNS);
    await using processor = await target.open({ batchSize: 10, maxErrorRecords: 1 });
    for (const name of NAMES) {
      processor.on(name, () => {
        throw new Error(`of ${name}`);
      });
      processor.on(name, () => Promise.reject(new Error(`later of ${name}`)));
    }
    processor.on('progress', () => undefined);
    const warnings: string[] = [];
    processor.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`));
    processor.once('warning', () => {
      throw new Error('of a warning');
    });
    await processor.insert([...generate(30, record), { id: 'x', v: '' }]);
    await processor.shutdown();

    expect(await target.count()).toBe(30);
    await vi.waitFor(() => {
      for (const name of ['fileFrozen', 'imported', 'recordRejected', 'progress'])
        for (const text of [`of ${name}`, `later of ${name}`])
          expect(warnings).toContain(`LISTENER_FAILED A listener of '${name}' threw: ${text}.`);
    });
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});
