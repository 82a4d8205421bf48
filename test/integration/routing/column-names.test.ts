// G2 and G4 of routed tables, whose SQL has aliases of its own: no name of a column collides with one of them, be it when
// rows are applied at once, isolated, or moved.

import { describe, expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import { generate } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { NAMES, textColumns, textsOf } from '../engines/column-names-fixture.ts';
import { COLUMNS, routedTablesOn } from '../migrate/routed-tables.ts';
import { makeRouted } from './routed-target.ts';

const OTHERS = NAMES.filter((name) => !['id', 'group_id', 'v'].includes(name));

describeEngines(
  'a routed table with columns that are called like our aliases and variables',
  ({ makeTarget }) => {
    const record = (id: number) => ({ id, group_id: id % 2, ...textsOf(OTHERS, id) });

    test('is loaded, and its bad records are isolated', async () => {
      const columns = `id int primary key check (id <> 3), group_id int, ${textColumns(OTHERS)}`;
      const routed = await makeRouted(makeTarget, columns, { groups: [1] });
      await routed.target.load(generate(2, record));
      await routed.target.load(generate(6, record), { maxErrorRecords: 1 });
      expect(await routed.main()).toEqual([0, 2, 4].map(record));
      expect(await routed.moved()).toEqual([1, 5].map(record));
    });
  },
  { oneServer: true },
);

describe('a table with columns that are called like our aliases and variables', () => {
  const makeTable = routedTablesOn(defaultServer());

  test('is migrated in whole groups, in batches, and back', async () => {
    const t = await makeTable(`${COLUMNS}, ${textColumns(OTHERS)}`);
    await t.setUp({ view: true });
    await t.fill(100, 1, 150);
    await t.fill(200, 1000, 150);
    const texts = OTHERS.map((name) => `"${name}" = '${name.replaceAll("'", "''")} 1'`);
    await t.database.query(`update ${t.main} set ${texts.join(', ')}`);
    const before = await t.read();
    await t.migrate({ maxGroups: 1 });
    await t.migrate({ batchRows: 40 });
    expect(await t.routed()).toEqual(['100', '200']);
    expect(await t.read()).toEqual(before);
    await t.migrate({ threshold: 1000, back: true, batchRows: 40 });
    expect(await t.routed()).toEqual([]);
    expect(await t.read()).toEqual(before);
    await t.expectSettled(300);
  });
});
