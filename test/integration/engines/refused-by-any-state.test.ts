// G2 and G8 on every engine: a row that the database refuses is a rejected record, whatever the SQLSTATE; what no record
// causes ends the task, with the error of the database.

import { describe, expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import { failureOf, type MakeTarget, type TestTarget } from '../../support/loading.ts';
import { byTrigger, REFUSALS, type Refusal } from './refusals.ts';

async function madeTarget(
  makeTarget: MakeTarget,
  { type, extension, after = [] }: Refusal,
): Promise<TestTarget> {
  const target = await makeTarget(extension === undefined ? `id int, v ${type}` : 'id int');
  if (extension !== undefined) {
    await target.database.query(`create extension if not exists ${extension}`);
    await target.database.query(`alter table ${target.sql} add v ${type}`);
  }
  for (const statement of after)
    await target.database.query(statement.replaceAll('TABLE', target.sql));
  return target;
}

const records = ({ bad, good = 'good' }: Refusal, ids: string) =>
  [...ids].map((letter, n) => ({ id: n + 1, v: letter === 'b' ? bad : good }));

async function kept(target: TestTarget, processId: string) {
  return target.database.query<{
    ordinal: number;
    code: string;
    column: string | null;
    reason: string;
  }>(
    `select record_ordinal::int as ordinal, code, column_name as "column", reason
     from relyt_sys.relyt_loader_reject where process_id = $1 order by 1`,
    [processId],
  );
}

const idsOf = async (target: TestTarget) =>
  (await target.rows<{ id: number }>('id')).map(({ id }) => id);

describeEngines(
  'rows that are refused, whatever the SQLSTATE (G2, G8)',
  ({ server, makeTarget }) => {
    const refusals = Object.entries(REFUSALS).filter(
      ([, refusal]) => !(refusal.notOnClusters === true && server.isCluster === true),
    );
    describe.each(refusals)('%s', (_, refusal) => {
      const { column = null, codeOn15 = refusal.code } = refusal;
      const code = server.name === 'postgres-15' ? codeOn15 : refusal.code;
      // A segment does not tell where in the code of a trigger it failed.
      const reason = server.isCluster === true ? /./ : (refusal.reason ?? /./);

      test('is a rejected record', async () => {
        const target = await madeTarget(makeTarget, refusal);
        const processId = await target.load(records(refusal, 'gbg'), { maxErrorRecords: 2 });
        expect(await idsOf(target)).toEqual([1, 3]);
        const rejects = await kept(target, processId);
        expect(rejects).toMatchObject([{ ordinal: 2, code, column }]);
        expect(rejects[0]?.reason).toMatch(reason);
        expect(await target.checkpoint(processId)).toMatchObject({
          status: 'COMPLETED',
          error_records: 1,
        });
      });

      test('is named where none is tolerated', async () => {
        const target = await madeTarget(makeTarget, refusal);
        const failure = await failureOf(target.load(records(refusal, 'bgg')));
        expect(failure).toMatchObject({
          code: 'IMPORT_REFUSED',
          details: { record: 1, sqlstate: code },
        });
        expect(failure.details.column ?? null).toBe(column);
        expect(failure.message).toMatch(/^The database refused record 1/);
        expect(await target.count()).toBe(0);
      });
    });
  },
);

describeEngines('a failure that is not clearly of a record', ({ server, makeTarget }) => {
  const isCluster = server.isCluster === true;
  const refusal = byTrigger('P0001', "raise exception 'closed today' using hint = 'Come again'");

  test('ends the task as the database says it, when no row passes; a resume loads all of it (G1)', async () => {
    const target = await madeTarget(makeTarget, refusal);
    await using processor = await target.open({ maxErrorRecords: 9 });
    await processor.insert(records(refusal, 'bbb'), { position: 3 });
    const failure = await failureOf(processor.shutdown());
    expect(failure).toMatchObject({ details: { record: 1, sqlstate: 'P0001' } });
    expect(failure.message).toMatch(/closed today.*\[SQLSTATE P0001\]\. No record passes/);
    // A segment tells neither its hint nor where it failed.
    if (!isCluster) {
      expect(failure.details.trigger).toBe('"Look at v"');
      expect(failure.message).toContain('Come again');
      expect(failure.hint).toContain('trigger "Look at v"');
    }
    expect(await kept(target, processor.processId)).toEqual([]);
    await target.database.query(`drop trigger "Look at v" on ${target.sql}`);
    await resume(target, processor.processId, records(refusal, 'bbb'));
    expect(await idsOf(target)).toEqual([1, 2, 3]);
  });

  test('is of the record, when rows passed in an earlier import of the task', async () => {
    const target = await madeTarget(makeTarget, refusal);
    await using processor = await target.open({ maxErrorRecords: 9 });
    await processor.insert(records(refusal, 'g'));
    await processor.flush();
    await processor.insert([{ id: 2, v: 'bad' }]);
    await processor.shutdown();
    expect(await idsOf(target)).toEqual([1]);
    expect(await kept(target, processor.processId)).toMatchObject([{ ordinal: 2, code: 'P0001' }]);
  });

  // Greenplum 6 does not run the triggers of a statement.
  test.skipIf(isCluster)(
    'is of the statement, when it fails without a row: a right that was taken away is no record',
    async () => {
      const target = await madeTarget(makeTarget, { type: 'text', bad: 'x', code: '' });
      await target.database.query(`create function closed() returns trigger language plpgsql as
      $$ begin raise exception 'closed'; end $$`);
      await using processor = await target.open({ maxErrorRecords: 9 });
      await processor.insert([{ id: 1, v: 'a' }]);
      await processor.flush();
      await target.database.query(
        `create trigger closed before insert on ${target.sql} for each statement execute procedure closed()`,
      );
      await processor.insert([{ id: 2, v: 'b' }]);
      const failure = await failureOf(processor.shutdown());
      expect(failure).toMatchObject({ code: 'DATABASE_ERROR', details: { sqlstate: 'P0001' } });
      expect(await kept(target, processor.processId)).toEqual([]);
    },
  );

  // A segment does not tell what raised.
  test.skipIf(isCluster)(
    'is waited for, when a trigger raises for every record what passes by itself',
    async () => {
      const raise = "perform nextval('met'); raise exception 'busy' using errcode = '55P03'";
      const busy = byTrigger('55P03', raise);
      const target = await madeTarget(makeTarget, busy);
      await target.database.query('create sequence if not exists met');
      await target.database.query(`select setval('met', 1)`);
      await using processor = await target.open({ maxErrorRecords: 9 });
      const loaded = processor.insert(records(busy, 'bb')).then(() => processor.shutdown());
      const met = async () => {
        const [row] = await target.database.query<{ n: number }>(
          'select last_value::int as n from met',
        );
        return row?.n;
      };
      await expect.poll(met).toBeGreaterThan(8);
      await target.database.query(`drop trigger "Look at v" on ${target.sql}`);
      await loaded;
      expect(await idsOf(target)).toEqual([1, 2]);
    },
  );

  test('damaged storage, or a trigger that says so, is never worked around', async () => {
    const damaged = byTrigger('XX001', "raise exception 'no' using errcode = 'XX001'");
    const target = await madeTarget(makeTarget, damaged);
    const failure = await failureOf(target.load(records(damaged, 'gbg'), { maxErrorRecords: 9 }));
    expect(failure).toMatchObject({ code: 'DATABASE_ERROR', details: { sqlstate: 'XX001' } });
    expect(await target.count()).toBe(0);
  });
});

/** Replays the records unless the task has kept them. */
async function resume(
  target: TestTarget,
  processId: string,
  given: readonly object[],
): Promise<void> {
  const { BulkProcessor } = await import('../../../src/bulk-processor.ts');
  await using again = await BulkProcessor.resume(processId, target.config({ maxErrorRecords: 9 }));
  if (again.position === undefined) await again.insert(given, { position: given.length });
  await again.shutdown();
}
