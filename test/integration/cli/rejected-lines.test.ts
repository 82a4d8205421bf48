// G8: the line of a rejected record is its own, in `errors`, messages and the bookkeeping, whoever refuses it, and also
// when another process imports what was staged.

import { beforeEach, expect, test } from 'vitest';
import { commandsIn, HEADER, People } from './people.ts';
import { inputFile } from './relyt.ts';

const people = People.forTests();

beforeEach(async () => {
  await people.database.query('alter table people add constraint small check (id < 100000)');
});

interface Shown {
  readonly ordinal: number;
  readonly line: number | null;
  readonly position: unknown;
  readonly code: string;
}

async function rejectedOf(processId: string): Promise<Shown[]> {
  const { stdout } = await people.relyt(['errors', processId, '--details']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Shown);
}

/** Enough for several blocks of the reader; with a record of two lines after each thousand. */
function manyRecords(bad: ReadonlyMap<number, string>): {
  text: string;
  lineOf: (n: number) => number;
} {
  const lines: number[] = [];
  let [text, line] = [HEADER, 2];
  for (let n = 1; n <= 4000; n++) {
    lines[n] = line;
    const name = n % 1000 === 0 ? `"two\nlines"` : `name ${n}`;
    text += `${bad.get(n) ?? `${n},${name},`}\n`;
    line += n % 1000 === 0 && !bad.has(n) ? 2 : 1;
  }
  return { text, lineOf: (n) => lines[n] ?? Number.NaN };
}

const BAD = new Map([
  [1001, '100001,refused by the database,'],
  [1500, 'x,refused by the loader,'],
  [2345, 'too,many,fields,here'],
  [3500, '3500,wrong date,2023-02-30'],
]);

test.each([
  ['a file', []],
  ['several files, in lanes', ['--batch-size', '300', '--concurrency', '2']],
])('of each rejected record: %s', async (_, flags) => {
  const { text, lineOf } = manyRecords(BAD);
  const file = inputFile('many.csv', text);
  const loaded = await people.load([file, '--max-errors', '9', '--json', ...flags]);
  expect(loaded.code).toBe(3);
  const { processId } = JSON.parse(loaded.stdout) as { processId: string };
  const rejected = await rejectedOf(processId);
  expect(rejected.map(({ ordinal, line, position }) => ({ ordinal, line, position }))).toEqual(
    [...BAD.keys()].map((ordinal) => {
      const line = lineOf(ordinal);
      return { ordinal, line, position: { line } };
    }),
  );
  const { stdout } = await people.relyt(['errors', processId]);
  for (const n of BAD.keys())
    expect(stdout).toMatch(new RegExp(`\\b${n} .*\\bline ${lineOf(n)}\\b`));
});

test('of a record that a resume rejects, whose file was staged by another process', async () => {
  const { text, lineOf } = manyRecords(new Map([[3456, '100001,refused,']]));
  const failed = await people.load([inputFile('many.csv', text), '--json']);
  expect(failed.code).toBe(1);
  const { hint, details } = JSON.parse(failed.stdout);
  expect(details).toMatchObject({ record: 3456, line: lineOf(3456) });
  const shown = await people.relyt(['show', details.processId]);
  expect(shown.stdout).toContain(`record 3456 (line ${lineOf(3456)})`);
  const [, leaveOut = ''] = commandsIn(hint);
  expect(await people.run(leaveOut.replace(/ N$/, ' 1'))).toMatchObject({ code: 3 });
  expect(await rejectedOf(details.processId)).toMatchObject([
    { ordinal: 3456, line: lineOf(3456), code: '23514' },
  ]);
});

test('of standard input, which cannot be read again', async () => {
  const { text, lineOf } = manyRecords(BAD);
  const loaded = await people.load(['-', '--max-errors', '9', '--json'], { input: text });
  const { processId } = JSON.parse(loaded.stdout) as { processId: string };
  expect((await rejectedOf(processId)).map(({ line }) => line)).toEqual(
    [...BAD.keys()].map(lineOf),
  );
});
