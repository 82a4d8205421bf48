// G2 and G4: no name of a column, table or schema collides with an alias or a variable of our SQL, whether the rows are
// applied at once or isolated. The names are those that the golden statements use, so that the test cannot go stale.

import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { RESERVED_COLUMNS } from '../../../src/core/reserved-columns.ts';
import { describeEngines } from '../../support/engines-under-test.ts';
import { generate, type TestTarget } from '../../support/loading.ts';

const GOLDENS = new URL('../../unit/explain/goldens/', import.meta.url);

/** Every word of the statements: keywords, aliases, variables, names of settings and columns alike. */
function wordsOfOurSql(): string[] {
  const texts = readdirSync(GOLDENS).map((name) => readFileSync(new URL(name, GOLDENS), 'utf8'));
  const words = texts.flatMap((text) => text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
  return [...new Set(words)].filter((word) => word.length < 64).sort();
}

/** PostgreSQL itself keeps these names. */
const SYSTEM_COLUMNS = ['oid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', 'gp_segment_id'];

const WORDS = wordsOfOurSql().filter(
  (word) => ![...SYSTEM_COLUMNS, ...RESERVED_COLUMNS].includes(word),
);
/** Names of one letter and their neighbours, in whatever SQL comes next. */
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const NAMES = [...new Set([...WORDS, ...LETTERS])];

const COLUMNS = ['"relyt key" int', ...NAMES.map((name) => `${pg.escapeIdentifier(name)} text`)];
const CHECK = 'check ("relyt key" <> 3)';

const record = (n: number) => ({
  'relyt key': n,
  ...Object.fromEntries(NAMES.map((name) => [name, `${name} ${n}`])),
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
    const target = await makeTarget(`${COLUMNS.join(', ')}, ${CHECK}${key}`);
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
