// Rows that go straight into the target by COPY are the rows that INSERT makes (G2, G4), and what COPY cannot tell of a
// record is found out behind it (G8): on the engines that copy straight.

import { describe, expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import { createLoaderRole, failureOf, generate, type LoadOptions } from '../../support/loading.ts';
import { layouts, row, watch } from './straight-fixture.ts';

const ERROR = { onConflict: 'error' } as const;

describeEngines(
  'rows that go straight into the target',
  ({ makeTarget }) => {
    test('G2: several files of an import are one COPY, compressed or not', async () => {
      for (const compression of ['none', 'gzip'] as const) {
        const target = await makeTarget('id int, v text');
        const ways = await watch(target);
        const processId = await target.load(generate(1_000, row), {
          batchSize: 100,
          compression,
        });
        expect(await target.rows()).toEqual(Array.from(generate(1_000, row)));
        expect(await layouts(target, processId)).toEqual(['tuples:nn']);
        const imports = await target.imports(processId);
        expect(await ways()).toEqual(imports.map(() => 'copy'));
        expect(imports.reduce((sum, one) => sum + one.rows_inserted, 0)).toBe(1_000);
      }
    });

    test('a key that is not looked at keeps no row from it, one that decides does', async () => {
      const ways = async (options: LoadOptions) => {
        const target = await makeTarget('id int primary key, v text');
        const seen = await watch(target);
        const processId = await target.load(generate(10, row), options);
        expect(await target.count()).toBe(10);
        return { ways: await seen(), layouts: await layouts(target, processId) };
      };
      expect(await ways(ERROR)).toEqual({ ways: ['copy'], layouts: ['tuples:nn'] });
      const { ways: upserted, layouts: binary } = await ways({});
      expect(upserted).not.toContain('copy');
      expect(binary).toEqual(['binary:nn']);
    });

    describe('what COPY does otherwise than INSERT is left to INSERT', () => {
      test('rules, which COPY passes by', async () => {
        const target = await makeTarget('id int, v text');
        await target.database.query(`create table ruled_${target.table} (id int)`);
        await target.database.query(
          `create rule also as on insert to ${target.sql} do also insert into ruled_${target.table} values (new.id)`,
        );
        await target.load(generate(5, row));
        expect(await target.count()).toBe(5);
        expect(
          await target.database.query(`select count(*)::int as n from ruled_${target.table}`),
        ).toEqual([{ n: 5 }]);
      });

      test('row security, which COPY refuses', async () => {
        const target = await makeTarget('id int, v text');
        const ways = await watch(target);
        const role = await createLoaderRole(target);
        await target.database.query(`alter table ${target.sql} enable row level security`);
        await target.database.query(
          `create policy most on ${target.sql} with check (id operator(pg_catalog.<>) 3)`,
        );
        await target.database.query(`grant insert on ${target.sql} to ${role.name}`);
        const options = { url: role.url, maxErrorRecords: 1 };
        await using processor = await target.open(options);
        await processor.insert(generate(5, row));
        await processor.shutdown();
        expect(processor.progress()).toMatchObject({ rejected: 1, imported: 5 });
        expect((await target.rows<{ id: number }>('id')).map(({ id }) => id)).toEqual([0, 1, 2, 4]);
        expect(await ways()).not.toContain('copy');
      });

      test('a column that is not given, of a domain that refuses NULL', async () => {
        const target = await makeTarget(`id int, v text, d filled`, {
          before: 'create domain filled as int check (value is not null)',
        });
        const failure = await failureOf(target.load(generate(3, row)));
        expect(failure).toMatchObject({ code: 'IMPORT_REFUSED', details: { sqlstate: '23514' } });
        expect(await target.count()).toBe(0);
      });

      test('a column that has another type meanwhile (G4)', async () => {
        const target = await makeTarget('id int, v text');
        await using processor = await target.open({ batchSize: 1, batchImportSize: 1 });
        await processor.insert([row(1)]);
        await processor.flush();
        await target.database.query(
          `alter table ${target.sql} alter column id type real, alter column v type varchar(7)`,
        );
        await processor.insert([row(2)]);
        const failure = await failureOf(
          processor.insert([{ id: 3, v: 'too long a value' }]).then(() => processor.shutdown()),
        );
        expect(failure).toMatchObject({ details: { record: 3, column: 'v', sqlstate: '22001' } });
        expect(await target.rows()).toEqual([row(1), row(2)]);
      });
    });

    describe('a record that the database refuses is named (G8)', () => {
      /** Every seventh record cannot be encoded. */
      const given = (n: number) => (n % 7 === 3 ? { id: 'none', v: '' } : row(n));

      test('by its ordinal and line, behind others that the loader rejected', async () => {
        const target = await makeTarget('id int primary key, v text');
        const records = Array.from(generate(40, given));
        records[30] = row(20);
        await using processor = await target.open({
          ...ERROR,
          maxErrorRecords: 100,
          batchSize: 500,
        });
        await processor.insert(records, { lines: records.map((_, n) => 2 * n + 5) });
        await processor.shutdown();
        expect(await layouts(target, processor.processId)).toEqual(['tuples:nn']);
        const rejects = await target.database.query<{ n: number; line: number; stage: string }>(
          `select record_ordinal::int as n, source_line::int as line, stage, record
         from relyt_sys.relyt_loader_reject where process_id = $1 order by 1`,
          [processor.processId],
        );
        expect(rejects.filter(({ stage }) => stage !== 'encode')).toEqual([
          { n: 31, line: 65, stage: 'import', record: { id: '20', v: 'value 20' } },
        ]);
        expect(rejects.map(({ n }) => n)).toEqual([4, 11, 18, 25, 31, 32, 39]);
        expect(await target.count()).toBe(33);
      });
    });
  },
  { straight: true },
);
