// G8 and G2: what refuses rows beside types and constraints is named, row security and triggers; and triggers that
// change keys, or the table they belong to, leave the account right.

import { describe, expect, test } from 'vitest';
import type { LoadOptions, TestTarget } from '../../support/loading.ts';
import { createLoaderRole, failureOf, generate, targetsOn } from '../../support/loading.ts';
import { newestServers } from '../../support/stack.ts';

function rejects(target: TestTarget, processId: string) {
  return target.database.query<{ code: string; reason: string }>(
    'select code, reason from relyt_sys.relyt_loader_reject where process_id = $1',
    [processId],
  );
}

const record = (id: number, v = 'mine') => ({ id, v });

describe.each(newestServers())('row security on $name', (server) => {
  const makeTarget = targetsOn(server);

  /** A table whose policies let the role write rows of `mine` only; the load is that of the role. */
  async function secured(
    policies: readonly string[],
  ): Promise<{ target: TestTarget; url: string }> {
    const target = await makeTarget('id int primary key, v text');
    const { name, url } = await createLoaderRole(target);
    await target.database.query(`grant select, insert, update on ${target.sql} to ${name}`);
    await target.database.query(`alter table ${target.sql} enable row level security`);
    for (const policy of policies)
      await target.database.query(policy.replaceAll('TABLE', target.sql).replaceAll('ROLE', name));
    return { target, url };
  }

  const MINE = [
    `create policy "only mine" on TABLE for all to ROLE using (true) with check (v = 'mine')`,
    'create policy others on TABLE for insert to pg_monitor with check (true)',
  ];

  test('refuses a record: the policy is named, the other rows are loaded', async () => {
    const { target, url } = await secured(MINE);
    await using processor = await target.open({ url, maxErrorRecords: 1 });
    const errors: unknown[] = [];
    processor.on('recordRejected', ({ error }) => errors.push(error));
    await processor.insert([record(1), record(2, 'yours'), record(3)]);
    await processor.shutdown();
    expect(await target.rows('id')).toEqual([{ id: 1 }, { id: 3 }]);
    expect(errors).toMatchObject([
      { code: 'IMPORT_REFUSED', details: { record: 2, sqlstate: '42501' } },
    ]);
    const [reject] = await rejects(target, processor.processId);
    expect(reject).toMatchObject({ code: '42501' });
    expect(reject?.reason).toMatch(/\(policies that apply: "only mine"\)$/);
  });

  test('with no record tolerated: record and policy, and no word of GRANT', async () => {
    const { target, url } = await secured(MINE);
    const failure = await failureOf(target.load([record(1), record(2, 'yours')], { url }));
    expect(failure).toMatchObject({
      code: 'IMPORT_REFUSED',
      details: { record: 2, sqlstate: '42501', policies: '"only mine"' },
    });
    expect(failure.hint).toContain('"only mine"');
    expect(failure.hint).not.toMatch(/grant/i);
  });

  test('that refuses every row ends the task, whatever is tolerated', async () => {
    const { target, url } = await secured([
      'create policy reading on TABLE for select to ROLE using (true)',
    ]);
    const failure = await failureOf(
      target.load([record(1), record(2)], { url, maxErrorRecords: 9 }),
    );
    expect(failure).toMatchObject({
      code: 'IMPORT_REFUSED',
      details: { sqlstate: '42501', policies: 'none' },
    });
    expect(failure.hint).toMatch(/no policy/);
    expect(await rejects(target, String(failure.details.processId))).toEqual([]);
  });

  test('a right that the role lost is no record, not even after rows passed', async () => {
    const { target, url } = await secured(MINE);
    await using processor = await target.open({ url, maxErrorRecords: 9 });
    await processor.insert([record(1)]);
    await processor.flush();
    await target.database.query(
      `revoke update (v), update on ${target.sql} from ${new URL(url).username}`,
    );
    await processor.insert([record(2)]);
    const failure = await failureOf(processor.shutdown());
    expect(failure).toMatchObject({
      code: 'DATABASE_PERMISSION_DENIED',
      details: { sqlstate: '42501' },
    });
    expect(await rejects(target, String(failure.details.processId))).toEqual([]);
  });
});

describe.each(newestServers())('triggers of the target on $name (G2)', (server) => {
  const makeTarget = targetsOn(server);

  async function triggered(body: string, when: string, suffix = ''): Promise<TestTarget> {
    const target = await makeTarget('id int primary key, v text, touched int default 0', {
      suffix,
    });
    const name = `touch_${target.table}`;
    await target.database.query(
      `create function ${name}() returns trigger language plpgsql as $$ begin ${body.replaceAll('TABLE', target.sql)} end $$`,
    );
    if (suffix !== '')
      await target.database.query(
        `create table "${target.table}_all" partition of ${target.sql} default`,
      );
    await target.database.query(
      `create trigger touch ${when} on ${target.sql} for each row execute function ${name}()`,
    );
    return target;
  }

  async function counts(target: TestTarget, records: Iterable<unknown>, options: LoadOptions = {}) {
    await using processor = await target.open(options);
    await processor.insert(records);
    await processor.shutdown();
    const { inserted, updated, superseded, rejected } = processor.progress().rows;
    return { inserted, updated, superseded, rejected };
  }

  const TOUCH = 'update TABLE set touched = touched + 1 where id = new.id; return null;';
  const none = { superseded: 0, rejected: 0 };

  test.each([
    ['', 'a table'],
    ['partition by range (id)', 'a partitioned table'],
  ])(
    'AFTER, that updates the same table: what was inserted is not counted as updated; %s',
    async (suffix) => {
      const target = await triggered(TOUCH, 'after insert', suffix);
      expect(
        await counts(
          target,
          generate(100, (n) => record(n)),
        ),
      ).toEqual({ inserted: 100, updated: 0, ...none });
      const again = [...generate(150, (n) => record(n))];
      expect(await counts(target, again)).toEqual({ inserted: 50, updated: 100, ...none });
      const isolated = await counts(target, [...generate(50, (n) => record(n + 120)), record(120)]);
      expect(isolated).toEqual({ inserted: 20, updated: 30, superseded: 1, rejected: 0 });
    },
  );

  test('AFTER, that inserts into the same table', async () => {
    const target = await triggered(
      'if new.id > 0 then insert into TABLE (id, v) values (-new.id, new.v) on conflict do nothing; end if; return null;',
      'after insert',
    );
    expect(
      await counts(
        target,
        generate(50, (n) => record(n + 1)),
      ),
    ).toEqual({ inserted: 50, updated: 0, ...none });
    expect(
      await counts(
        target,
        generate(60, (n) => record(n + 1)),
      ),
    ).toEqual({ inserted: 10, updated: 50, ...none });
  });

  test('BEFORE, that changes keys: the last record of a key wins, and all are counted', async () => {
    const target = await triggered('new.id := new.id / 2; return new;', 'before insert');
    const records = [...generate(9, (n) => record(n, `v${n}`))];
    const { inserted, updated, rejected } = await counts(target, records);
    expect({ inserted, updated, rejected }).toEqual({ inserted: 5, updated: 4, rejected: 0 });
    expect(await target.rows('id, v')).toEqual(
      [1, 3, 5, 7, 8].map((n, id) => ({ id, v: `v${n}` })),
    );
  });
});
