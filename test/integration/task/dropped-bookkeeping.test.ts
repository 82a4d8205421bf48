// G8: bookkeeping that vanishes under a running task is what the error is about, not the target.

import { describe, expect, test } from 'vitest';
import { failureOf, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';

describe('a task whose bookkeeping is dropped', () => {
  const makeTarget = targetsOn(defaultServer());

  test.each([
    ['a table of it', 'drop table relyt_sys.relyt_loader_file'],
    ['the whole schema', 'drop schema relyt_sys cascade'],
    ['a function of the engine', 'drop function relyt_sys.relyt_loader_open()'],
  ])('%s', async (_, drop) => {
    const target = await makeTarget('id int primary key, v text');
    await using processor = await target.open();
    await processor.insert([{ id: 1, v: 'a' }]);
    await target.database.query(drop);
    const failure = await failureOf(processor.flush());
    expect(failure.code).toBe('SCHEMA_MISSING');
    expect(failure.message).toContain('relyt_sys');
    expect(failure.hint).toContain('relyt init');
    expect(failure.details).toMatchObject({ processId: processor.processId });
    await failureOf(processor.shutdown());
    expect(await target.count()).toBe(0);
    await target.database.query('drop schema if exists relyt_sys cascade');
  });
});
