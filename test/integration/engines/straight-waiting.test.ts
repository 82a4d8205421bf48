// Files without ordinals that wait in S3 for their import, and meet another process or another table.

import { expect, test } from 'vitest';
import { BulkProcessor } from '../../../src/bulk-processor.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failAt } from '../../support/fail-at.ts';
import { generate } from '../../support/loading.ts';
import { layouts, row, watch } from './straight-fixture.ts';

/** Every seventh record cannot be encoded. */
const given = (n: number) => (n % 7 === 3 ? { id: 'none', v: '' } : row(n));

describeEngines(
  'rows that are to go straight into the target, and wait',
  ({ makeTarget }) => {
    test('G2: a rule that comes meanwhile', async () => {
      const target = await makeTarget('id int, v text');
      await using first = await target.open();
      failAt('files-taken');
      await first.insert(generate(5, row));
      await expect(first.shutdown()).rejects.toMatchObject({ code: 'INTERNAL' });
      await target.database.query(`create table ruled_${target.table} (id int)`);
      await target.database.query(
        `create rule other as on insert to ${target.sql} do also insert into ruled_${target.table} values (new.id)`,
      );
      const ways = await watch(target);
      await using second = await BulkProcessor.resume(first.processId, target.config());
      await second.shutdown();
      expect(await layouts(target, first.processId)).toEqual(['tuples:nn']);
      expect(await target.rows()).toEqual(Array.from(generate(5, row)));
      expect(await ways()).not.toContain('copy');
    });

    test('G4: a resume reads no binary form as another type', async () => {
      const target = await makeTarget('id int, v text');
      await using first = await target.open();
      failAt('files-taken');
      await first.insert([row(1)]);
      await expect(first.shutdown()).rejects.toMatchObject({ code: 'INTERNAL' });
      await target.database.query(`alter table ${target.sql} alter column id type real`);
      await expect(BulkProcessor.resume(first.processId, target.config())).rejects.toMatchObject({
        code: 'TABLE_CHANGED',
        details: { column: 'id' },
      });
      await target.database.query(`alter table ${target.sql} alter column id type int`);
      await using second = await BulkProcessor.resume(first.processId, target.config());
      await second.shutdown();
      expect(await target.rows()).toEqual([row(1)]);
    });

    test('G8: another process has the ordinals of the file from its row', async () => {
      const target = await makeTarget('id int, v text');
      await target.database.query(`create table parent_${target.table} (id int primary key)`);
      await target.database.query(
        `insert into parent_${target.table} select n from generate_series(0, 100) n where n <> 15`,
      );
      await target.database.query(
        `alter table ${target.sql} add foreign key (id) references parent_${target.table}`,
      );
      const records = Array.from(generate(100, given));
      const options = { maxErrorRecords: 100, batchSize: 25 };
      const lines = records.map((_, n) => n + 2);
      await using first = await target.open(options);
      failAt('files-taken');
      await first.insert(records, { lines }).catch(() => undefined);
      await expect(first.shutdown()).rejects.toMatchObject({ code: 'INTERNAL' });
      const { processId } = first;
      await using second = await BulkProcessor.resume(processId, target.config(options));
      const { received } = second.progress();
      await second.insert(records.slice(received), { lines: lines.slice(received) });
      await second.shutdown();
      expect(await layouts(target, processId)).toEqual(['tuples:nn']);
      const refused = await target.database.query(
        `select record_ordinal::int as n, source_line::int as line, constraint_name is not null as named
       from relyt_sys.relyt_loader_reject where process_id = $1 and stage = 'import'`,
        [processId],
      );
      expect(refused).toEqual([{ n: 16, line: 17, named: true }]);
      expect(await target.count()).toBe(100 - 14 - 1);
    });
  },
  { straight: true, inS3: true },
);
