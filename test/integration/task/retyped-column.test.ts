// A column that gets another type while records are staged for it: nothing is read as something else (G4).

import { describe, expect, test, vi } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';

const record = (n: number) => ({ id: n, at: '2026-01-02 03:04:05' });

describe.each(newestServers())('a column of another type on $name', (server) => {
  const makeTarget = targetsOn(server);

  test('G4, G8: fails the task with TABLE_CHANGED, a resume as well; undone, a resume finishes it', async () => {
    const target = await makeTarget('id int, at timestamp');
    const config = target.config({ batchSize: 1, batchImportSize: 1 });
    await using processor = await BulkProcessor.create(config);
    const { processId } = processor;
    await processor.insert([record(1)]);
    await processor.flush();
    await target.database.query(`alter table ${target.sql} alter column at type timestamptz`);
    const changed = {
      code: 'TABLE_CHANGED',
      message: expect.stringMatching(
        /column "at" .* was timestamp without time zone and is now timestamp with time zone/,
      ),
      details: { column: 'at', processId, table: `public.${target.table}` },
    };
    const ended = processor.insert([record(2)]).then(() => processor.shutdown());
    await expect(ended).rejects.toMatchObject(changed);
    await expect(BulkProcessor.resume(processId, config)).rejects.toMatchObject(changed);
    expect(await target.count()).toBe(1);

    await target.database.query(`alter table ${target.sql} alter column at type timestamp`);
    await using resumed = await BulkProcessor.resume(processId, config);
    await resumed.shutdown();
    expect(await target.rows('id, at::text')).toEqual([record(1), record(2)]);
  });

  test('G4: an import that begins while the table is being altered waits, and then sees the change', async () => {
    const target = await makeTarget('id int, at timestamp');
    await using processor = await target.open();
    const client = await target.database.pool.connect();
    try {
      await client.query('begin');
      await client.query(`alter table ${target.sql} alter column at type timestamptz`);
      await processor.insert([record(1)]);
      const ended = expect(processor.shutdown()).rejects.toMatchObject({ code: 'TABLE_CHANGED' });
      await vi.waitFor(() => target.untilImportWaits(), { timeout: 60_000 });
      await client.query('commit');
      await ended;
    } finally {
      client.release();
    }
    expect(await target.count()).toBe(0);
  });
});
