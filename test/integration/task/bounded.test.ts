// G5: memory and open files do not grow with the number of records; insert() waits when imports are behind.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../../support/build.ts';
import { targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

const MANY_RECORDS = fileURLToPath(new URL('fixtures/many-records.mjs', import.meta.url));
const MIB = 1024 * 1024;

interface Report {
  readonly imported: number;
  readonly filesImported: number;
  readonly openFiles: number;
  readonly samples: number[];
}

describe('bounded (G5)', () => {
  const makeTarget = targetsOn(defaultServer());

  test('the memory of a process that loads two million records', async () => {
    const target = await makeTarget('id int');
    const module = pathToFileURL(path.join(await ensureBuilt(), 'index.js')).href;
    const config = target.config({ batchSize: 20_000, batchImportSize: 5, bufferBytes: 16 * MIB });
    const { stdout } = await promisify(execFile)(process.execPath, [
      // Half of what the lines alone take: what is kept of every record would end the process.
      '--max-old-space-size=80',
      MANY_RECORDS,
      module,
      JSON.stringify(config),
      '2000000',
    ]);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ imported: 2_000_000, filesImported: 100 });
    expect(await target.count()).toBe(2_000_000);
    // Two imports' worth of files waiting, and some on their way.
    expect(report.openFiles).toBeLessThanOrEqual(2 * 5 + 5);
    const [early, late] = [report.samples[5], report.samples.at(-1)];
    expect((late ?? Number.NaN) - (early ?? Number.NaN)).toBeLessThan(40 * MIB);
    expect(Math.max(...report.samples)).toBeLessThan(200 * MIB);
  });

  test('insert() pulls no more records while imports do not get on, and goes on when they do', async () => {
    const target = await makeTarget('id int');
    await using processor = await target.open({
      batchSize: 10,
      batchImportSize: 2,
      concurrency: 2,
    });
    const lock = await target.lock();
    let pulled = 0;
    const endless = function* () {
      while (pulled < 600) yield { id: pulled++ };
    };
    const inserted = processor.insert(endless());
    await target.untilImportWaits();
    await vi.waitFor(() => expect(processor.progress().filesFrozen).toBeGreaterThanOrEqual(8), {
      timeout: 60_000,
    });
    const stalled = pulled;
    // Long enough for all of them, had it not stopped.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(pulled).toBe(stalled);
    const { filesCreated, filesImported } = processor.progress();
    expect(filesImported).toBe(0);
    expect(filesCreated).toBeLessThanOrEqual(2 * 2 * 2 + 2);
    await lock.release();
    await inserted;
    await processor.shutdown();
    expect(await target.count()).toBe(600);
  });
});
