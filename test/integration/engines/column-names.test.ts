// G2 and G4: no name of a column, table or schema collides with an alias or a variable of our SQL, whether the rows are
// applied at once or isolated. The names are those that the golden statements use, so that the test cannot go stale.

import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { describeEngines } from '../../support/engines-under-test.ts';
import { generate, type TestTarget } from '../../support/loading.ts';
import { NAMES, textColumns, textsOf } from './column-names-fixture.ts';

const COLUMNS = `"relyt key" int, ${textColumns(NAMES)}`;
const CHECK = 'check ("relyt key" <> 3)';

const record = (n: number) => ({
  'relyt key': n,
  ...textsOf(NAMES, n),
});

async function keptRecord(target: TestTarget, processId: string): Promise<unknown> {
  const [row] = await target.database.query<{ record: unknown }>(
    'select record from relyt_sys.relyt_loader_reject where process_id = $1',
    [processId],
  );
  return row?.record;
}

test('the words of our SQL are many, and hold those that were found to collide', () => {
  expect(NAMES.length).toBeGreaterThan(200);
  for (const name of [
    's',
    'w',
    'kept',
    'part',
    'n_from',
    'bad_code',
    'excluded',
    'staged',
    'reason',
  ])
    expect(NAMES).toContain(name);
});

describeEngines('columns that are called like our aliases and variables', ({ makeTarget }) => {
  const ways = [
    ['no key', '', {}],
    ['update', ', primary key ("relyt key")', { onConflict: 'update' }],
    ['nothing', ', primary key ("relyt key")', { onConflict: 'nothing' }],
    ['error', ', primary key ("relyt key")', { onConflict: 'error' }],
  ] as const;

  test.each(ways)('are loaded, and isolated: %s', async (_, key, options) => {
    const target = await makeTarget(`${COLUMNS}, ${CHECK}${key}`);
    const twice =
      options === ways[0][2] || 'error' === (options as { onConflict?: string }).onConflict
        ? []
        : [record(2)];
    const processId = await target.load([...generate(6, record), ...twice], {
      ...options,
      maxErrorRecords: 1,
    });
    const rows = await target.rows<{ 'relyt key': number }>();
    expect(rows).toEqual([0, 1, 2, 4, 5].map(record));
    expect(await keptRecord(target, processId)).toEqual({ ...record(3), 'relyt key': '3' });
  });

  describe('keys, tables and schemas', () => {
    test.each(['excluded', 's', 'w', 't', 'n_from', 'staged', 'winner', 'applied', 'part', 'kept'])(
      'that are called %s',
      async (name) => {
        const quoted = pg.escapeIdentifier(name);
        const target = await makeTarget(
          `${quoted} int primary key check (${quoted} <> 3), v text`,
          { schema: name, table: name },
        );
        const made = (n: number) => ({ [name]: n, v: String(n) });
        await target.load(generate(3, made));
        await target.load([...generate(5, made), made(1)], { maxErrorRecords: 1 });
        expect(await target.rows()).toEqual([0, 1, 2, 4].map(made));
      },
    );
  });
});
