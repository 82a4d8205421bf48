// G8: a key that cannot decide a conflict is refused before the first record, and so are settings without effect.

import { describe, expect, test } from 'vitest';
import { failureOf, type LoadOptions, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { makeRouted } from '../routing/routed-target.ts';

describe('what cannot decide a conflict is refused before the first record (G8)', () => {
  const makeTarget = targetsOn(defaultServer());
  const table = (more = '') =>
    makeTarget(`id int primary key, a int, b text, c text collate "C"${more}`);

  test.each([
    ['no index', [], ['a'], /no unique constraint or index is over exactly these columns/],
    ['an index over more', ['(a, b)'], ['a'], /exactly these columns/],
    ['an index over fewer', ['(a)'], ['a', 'b'], /exactly these columns/],
    ['a partial index', ['(a) where b is null'], ['a'], /is partial/],
    ['an index of expressions', ['(a, lower(b))'], ['a', 'b'], /exactly these columns/],
    ['another collation', ['(b collate "C")'], ['b'], /a collation of its own/],
    ['another operator class', ['(b text_pattern_ops)'], ['b'], /operator class/],
    ['a column that is none', ['(a)'], ['aa'], /there is no column "aa"/],
  ])('%s', async (_, indexes, conflictColumns, message) => {
    const target = await table();
    for (const index of indexes)
      await target.database.query(`create unique index on ${target.sql} ${index}`);
    expect(await failureOf(target.open({ conflictColumns }))).toMatchObject({
      code: 'CONFLICT_COLUMNS_UNSUITABLE',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('(id)'),
    });
  });

  test('a deferrable constraint', async () => {
    const target = await table(', unique (a) deferrable');
    const failure = await failureOf(target.open({ conflictColumns: ['a'] }));
    expect(failure).toMatchObject({
      code: 'CONFLICT_COLUMNS_UNSUITABLE',
      message: expect.stringContaining('is deferrable'),
    });
  });

  test('an index beside it that can decide is taken', async () => {
    const target = await table();
    await target.database.query(`create unique index on ${target.sql} (a) where b = 'x'`);
    await target.database.query(`create unique index on ${target.sql} (a) include (b)`);
    await target.load(
      [
        { id: 1, a: 1 },
        { id: 2, a: 1 },
      ],
      { conflictColumns: ['a'] },
    );
    expect(await target.rows('id, a')).toEqual([{ id: 2, a: 1 }]);
  });

  test.each([
    [{ conflictColumns: ['d'] }, 'COLUMN_MISSING', /names "d"/],
    [{ updateColumns: ['c'], columns: ['id', 'a'] }, 'COLUMN_MISSING', /names "c"/],
    [{ updateColumns: ['id'] }, 'CONFIG_INVALID', /"id" is part of the key/],
  ] satisfies [LoadOptions, string, RegExp][])(
    'columns that are not loaded, or never set: %j',
    async (options, code, message) => {
      // A column with a default is not loaded unless the records bring it.
      const target = await table(", d text default 'x', unique (d)");
      await using processor = await target.open(options);
      const failure = await failureOf(processor.insert([{ id: 1, a: 1 }]));
      expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    },
  );

  test.each([
    [{ conflictColumns: ['a'], onConflict: 'error' }, /conflictColumns has no effect/],
    [{ updateColumns: ['a'], onConflict: 'nothing' }, /updateColumns has no effect/],
  ] satisfies [LoadOptions, RegExp][])('settings without effect: %j', async (options, message) => {
    const target = await table();
    expect(await failureOf(target.open(options))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('a routed table, where the primary key alone keeps a row in one of the two', async () => {
    const routed = await makeRouted(makeTarget, 'id int primary key, group_id int, v text unique', {
      groups: [1],
    });
    const failure = await failureOf(routed.target.open({ conflictColumns: ['v'] }));
    expect(failure).toMatchObject({
      code: 'CONFLICT_COLUMNS_UNSUITABLE',
      hint: 'Leave `conflictColumns` out.',
    });
    const group = await failureOf(routed.target.open({ updateColumns: ['v'] }));
    expect(group).toMatchObject({ hint: expect.stringContaining('Add "group_id"') });
    const updateColumns = ['v', 'group_id'];
    await routed.target.load([{ id: 1, group_id: 2, v: 'x' }], { updateColumns });
    await routed.target.load([{ id: 1, group_id: 1, v: 'y' }], { updateColumns });
    expect(await routed.ids()).toEqual({ main: [], auxiliary: [1] });
  });
});
