// G2 and G8: a table with as many columns as can be staged is loaded, and its bad records are isolated; one more is
// refused before anything is staged.

import { expect, test } from 'vitest';
import { MOST_STAGED_COLUMNS } from '../../../src/core/reserved-columns.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failureOf } from '../../support/loading.ts';

const columns = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);
const record = (names: readonly string[], id: number) =>
  Object.fromEntries(names.map((name, n) => [name, n === 0 ? id : n % 10]));

describeEngines(
  'tables of many columns',
  ({ makeTarget }) => {
    test('so many are loaded, and a bad record is isolated', async () => {
      const names = columns(MOST_STAGED_COLUMNS);
      const [key = ''] = names;
      const target = await makeTarget(
        `${names.map((name) => `${name} int2`).join(', ')}, primary key (${key}), check (${key} <> 2)`,
      );
      const processId = await target.load(
        [1, 2, 3].map((id) => record(names, id)),
        { maxErrorRecords: 1 },
      );
      expect(await target.rows(key)).toEqual([{ c0: 1 }, { c0: 3 }]);
      expect(await target.checkpoint(processId)).toMatchObject({ error_records: 1 });
    });

    test('one more is refused before anything is staged; the hint works', async () => {
      const names = columns(MOST_STAGED_COLUMNS + 2);
      const target = await makeTarget(names.map((name) => `${name} int2`).join(', '));
      await using processor = await target.open();
      const failure = await failureOf(processor.insert([record(names, 1)]));
      expect(failure).toMatchObject({ code: 'TABLE_UNSUPPORTED' });
      expect(failure.message).toContain('1600 columns');
      expect(await target.files(processor.processId)).toEqual([]);
      const fewer = names.slice(0, MOST_STAGED_COLUMNS);
      await target.load([record(fewer, 1)], { columns: fewer });
      expect(await target.count()).toBe(1);
    });
  },
  { oneServer: true },
);
