// G2 and G8 over both tables: a record either of them refuses is left out and kept with its reason, or nothing is
// loaded at all.

import { expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failureOf } from '../../support/loading.ts';
import { asRows, makeRouted, NOTHING, type RoutedTarget } from './routed-target.ts';

const COLUMNS = `id int primary key, group_id int, v text not null, host inet, n int check (n <> 13),
  code varchar(3)`;

interface Given {
  readonly id: number;
  readonly group_id: number;
  readonly v: string;
  readonly host?: string;
  readonly n?: number;
  readonly code?: string;
}

const good = (id: number, group_id = id % 10): Given => ({
  id,
  group_id,
  v: `v${id}`,
  code: 'abc',
});

/** Ids of the records that are refused, each in the main table (group 1) and in the auxiliary one (group 7). */
const BAD: Readonly<Record<string, (id: number, group: number) => Given>> = {
  '22P02': (id, group) => ({ ...good(id, group), host: 'nowhere' }),
  '23514': (id, group) => ({ ...good(id, group), n: 13 }),
};

function kept(routed: RoutedTarget, processId: string) {
  return routed.query<{ ordinal: number; code: string; id: number }>(
    `select record_ordinal::int as ordinal, code, (record ->> 'id')::int as id
     from relyt_sys.relyt_loader_reject where process_id = $1 order by 1`,
    [processId],
  );
}

describeEngines('records refused by either table', ({ makeTarget }) => {
  test.each(Object.entries(BAD))('%s: all others land where they belong', async (code, bad) => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
    const records = Array.from({ length: 80 }, (_, id) => good(id));
    records[17] = bad(17, 7);
    records[41] = bad(41, 1);
    records[77] = bad(77, 7);
    await using processor = await routed.target.open({ maxErrorRecords: 3, batchSize: 50 });
    await processor.insert(records);
    await processor.shutdown();
    const { processId } = processor;
    await routed.expectRows(asRows(records.filter(({ id }) => ![17, 41, 77].includes(id))));
    expect(await kept(routed, processId)).toEqual(
      [17, 41, 77].map((id) => ({ ordinal: id + 1, code, id })),
    );
    expect(await routed.counts(processId)).toEqual({ ...NOTHING, inserted: 77, rejected: 3 });
  });

  test('one more than allowed: nothing of the import is in either table', async () => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
    await routed.target.load([good(1), good(7)]);
    await using processor = await routed.target.open({ maxErrorRecords: 1 });
    const bad = (id: number, group: number) => ({ ...good(id, group), n: 13 });
    await processor.insert([good(1, 7), good(7, 1), good(8), bad(9, 7), bad(10, 1), good(11, 7)]);
    const failure = await failureOf(processor.shutdown());
    expect(failure).toMatchObject({ code: 'REJECT_LIMIT_EXCEEDED', details: { record: 4 } });
    await routed.expectRows(asRows([good(1), good(7)]));
  });

  test('a record that would leave its table and is refused leaves its row where it is', async () => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
    await routed.target.load([good(1), good(2), good(7), good(17)]);
    const changes = [
      { ...good(1, 7), n: 13 },
      { ...good(7, 1), n: 13 },
      good(2, 7),
      good(17, 2),
      { ...good(17, 3), host: 'nowhere' },
    ];
    const processId = await routed.target.load(changes, { maxErrorRecords: 3 });
    await routed.expectRows(asRows([good(1), good(7), good(2, 7), good(17, 2)]));
    expect(await routed.counts(processId)).toMatchObject({ inserted: 0, updated: 2, rejected: 3 });
  });

  test("'error': a key that the other table has is refused as one of its own", async () => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
    await routed.target.load([good(1), good(7)]);
    const records = [
      good(2),
      good(1, 7),
      good(17),
      good(7, 1),
      good(3),
      good(1),
      good(18, 7),
      good(18),
    ];
    const processId = await routed.target.load(records, {
      onConflict: 'error',
      maxErrorRecords: 4,
    });
    await routed.expectRows(asRows([good(1), good(7), good(2), good(17), good(3), good(18, 7)]));
    const rejects = await kept(routed, processId);
    expect(rejects.map(({ ordinal, code }) => [ordinal, code])).toEqual(
      [2, 4, 6, 8].map((ordinal) => [ordinal, '23505']),
    );
  });

  test("'nothing' among refused records: the first good one of a key wins", async () => {
    const routed = await makeRouted(makeTarget, COLUMNS, { groups: [7] });
    await routed.target.load([good(7)]);
    const records = [{ ...good(1), n: 13 }, good(2, 7), good(2), good(7, 1), good(3)];
    const options = { onConflict: 'nothing', maxErrorRecords: 1 } as const;
    const processId = await routed.target.load(records, options);
    await routed.expectRows(asRows([good(7), good(2, 7), good(3)]));
    const { inserted, skipped, superseded, rejected } = await routed.counts(processId);
    expect([inserted, skipped + superseded, rejected]).toEqual([2, 2, 1]);
  });
});
