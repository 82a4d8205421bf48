// Policies cost nothing that could be noticed: no function runs for a row, and none at all for rows of one's own.

import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { targetsOn } from '../../support/loading.ts';
import { testStack } from '../../support/stack.ts';
import { as, type TwoRoles, tableOf, twoRoles } from './two-roles.ts';

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops'?: number;
  readonly 'Subplan Name'?: string;
  readonly Plans?: readonly Plan[];
  readonly [condition: string]: unknown;
}

function nodes(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

describe.each(testStack().servers)('policies, on $name', (server) => {
  const makeTarget = targetsOn(server);
  let roles: TwoRoles;
  beforeAll(async () => {
    roles = await twoRoles(makeTarget);
  });

  async function planOf(text: string): Promise<Plan[]> {
    const { rows } = await as(roles.alice, `explain (analyze, format json) ${text}`);
    const [said] = rows.map((row) => row['QUERY PLAN'] as { Plan: Plan }[]);
    return (said ?? []).flatMap(({ Plan: plan }) => nodes(plan));
  }

  test.each(['task', 'file', 'import', 'reject', 'move'])(
    '%s: a scan calls no function for a row',
    async (name) => {
      const plan = await planOf(`select * from ${tableOf(name)}`);
      const scans = plan.filter((node) => node['Relation Name'] === `relyt_loader_${name}`);
      expect(scans).toHaveLength(1);
      for (const scan of scans) {
        const filter = String(scan.Filter);
        expect(filter).toMatch(name === 'move' ? /main_table = ANY/ : /owner_role = CURRENT_USER/);
        expect(filter.replaceAll('ANY (', '')).not.toMatch(/\w\(|SubPlan/);
      }
    },
  );

  test('a statement about rows of one’s own never asks for the roles', async () => {
    for (const name of ['task', 'file', 'import', 'reject']) {
      const plan = await planOf(
        `select * from ${tableOf(name)} where process_id = '${roles.ofAlice}'`,
      );
      const asked = plan.filter((node) => node['Relation Name'] === 'pg_authid');
      expect(asked.map((node) => node['Actual Loops'])).toEqual([0]);
    }
  });

  test.each([
    ['select count(*) from relyt_sys.relyt_loader_checkpoint where process_id = $1', 0],
    [`update relyt_sys.relyt_loader_checkpoint set status = status where process_id = $1`, 0],
    ['update relyt_sys.relyt_loader_task set heartbeat_at = now() where process_id = $1', 0],
    ['select count(*) from relyt_sys.relyt_loader_checkpoint where process_id <> $1', 2],
  ])('%s calls %i functions', async (text, calls) => {
    const { target, alice, ofAlice } = roles;
    await target.database.query(`alter role "${alice.name}" set track_functions = 'all'`);
    const client = new pg.Client({ connectionString: alice.url });
    await client.connect();
    try {
      await client.query('begin');
      await client.query(text, [ofAlice]);
      const { rows } = await client.query(
        `select coalesce(sum(calls), 0)::int as calls from pg_stat_xact_user_functions`,
      );
      expect(rows[0].calls).toBeGreaterThanOrEqual(calls);
      if (calls === 0) expect(rows).toEqual([{ calls: 0 }]);
    } finally {
      await client.end();
    }
  });
});
