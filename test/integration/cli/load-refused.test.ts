// A record that only the database refuses: where it stands, and commands that end with the right rows (G8).

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { commandsIn, HEADER, People } from './people.ts';
import { inputFile } from './relyt.ts';

const people = People.forTests();

beforeEach(async () => {
  await people.database.query('alter table people add constraint small check (id < 100)');
});

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details: { readonly record?: number; readonly line?: number };
}

/** A load that the database has to refuse. */
async function refused(args: readonly string[], input?: string): Promise<Refusal> {
  const { code, stdout } = await people.load(
    [...args, '--json'],
    input === undefined ? {} : { input },
  );
  expect(code).toBe(1);
  return JSON.parse(stdout) as Refusal;
}

async function ids(): Promise<unknown[]> {
  return (await people.rows()).map(({ id }) => id);
}

/** More records than are read at once, so that they come in several imports. */
function manyLines(last: number): string {
  return Array.from({ length: last }, (_, n) => `-${n + 1},"two\nlines of ${n}",\n`).join('');
}

describe('G8: file and line of a record the database refuses', () => {
  test.each<[string, string, string | Buffer, number, number]>([
    [
      'CSV with quoted line ends',
      'people.csv',
      `${HEADER}1,"a\nb",\n2,"c\n\nd",\n100,"e\n",\n`,
      3,
      7,
    ],
    ['NDJSON with blank lines', 'people.ndjson', '\n{"id":1}\n\n  \n{"id":100}\n', 2, 5],
    ['gzip', 'people.csv.gz', gzipSync(`${HEADER}1,"a\nb",\n100,,\n`), 2, 4],
    ['no header, no line end at the end', 'people.tsv', '1\tAnn\t\n100\t\t', 2, 2],
  ])('%s', async (_case, name, content, record, line) => {
    const file = inputFile(name, content);
    const error = await refused(name.endsWith('.tsv') ? [file, '--no-header'] : [file]);
    expect(error).toMatchObject({ code: 'IMPORT_REFUSED', details: { record, line } });
    expect(error.message).toMatch(`${file}, line ${line}: The database refused record ${record}`);
  });

  test('earlier records that were skipped or rejected count', async () => {
    const content = `${HEADER}skipped\n1,Ann,\ntoo,many,fields,here\nx,Bea,\n4,Cleo,\n100,"Dan\n",\n`;
    const file = inputFile('people.csv', content);
    const error = await refused([file, '--skip-records', '1', '--max-errors', '2']);
    expect(error).toMatchObject({ code: 'REJECT_LIMIT_EXCEEDED', details: { record: 5, line: 7 } });
    expect(error.message).toContain(`${file}, line 7: More records were refused`);
  });

  test('also when a resume meets it, in a file of several parts', async () => {
    const lines = manyLines(30_000);
    const file = inputFile('many.csv', `${HEADER}skipped\n${lines}100,last,\n-90001,,\n`);
    const error = await refused([file, '--batch-size', '1000', '--skip-records', '1']);
    expect(error).toMatchObject({ details: { record: 30_001, line: 60_003 } });
    // Rows of the load are in the table: to load the file from its beginning would not be the same.
    expect(error.hint).not.toContain('relyt abort');
    const [resume = ''] = commandsIn(error.hint);
    const again = await people.run(`${resume} --json`);
    expect(again.code).toBe(1);
    const { message, details, hint } = JSON.parse(again.stdout) as Refusal;
    expect({ message, details }).toEqual({ message: error.message, details: error.details });
    expect(hint).toBe(error.hint);
    await people.database.query('alter table people drop constraint small');
    expect(await people.run(resume)).toMatchObject({ code: 0 });
    expect(
      await people.database.query('select count(*)::int, min(id), max(id) from people'),
    ).toEqual([{ count: 30_002, min: -90_001, max: 100 }]);
  });

  test('standard input cannot be read again: the line is known all the same', async () => {
    const error = await refused(['-'], `${HEADER}1,"a\nb",\n100,,\n`);
    expect(error.message).toMatch(/^The database refused record 2 \(line 4\): /);
    expect(error.details).toMatchObject({ record: 2, line: 4 });
    expect(commandsIn(error.hint)[0]).toMatch(/^relyt load … --resume [0-9a-f-]{36}$/);
  });
});

describe('G8: the commands of the hint work', () => {
  const CONTENT = `${HEADER}1,Ann,\n100,Bea,\n3,Cleo,\n`;

  async function commands(
    args: readonly string[] = [],
  ): Promise<{ file: string; printed: string[] }> {
    const file = inputFile('people.csv', CONTENT);
    const { hint } = await refused([file, ...args]);
    expect(hint).not.toMatch(/[Cc]orrect the record/);
    return { file, printed: commandsIn(hint) };
  }

  test('after the constraint was changed, resume', async () => {
    const { printed } = await commands();
    await people.database.query('alter table people drop constraint small');
    expect(await people.run(printed[0] ?? '')).toMatchObject({ code: 0 });
    expect(await ids()).toEqual([1, 3, 100]);
  });

  test('resume without it, export it, correct it, load it', async () => {
    const { printed } = await commands();
    const [, leaveOut = '', exported = ''] = printed;
    expect(await people.run(leaveOut.replace(/ N$/, ' 1'))).toMatchObject({ code: 3 });
    expect(await ids()).toEqual([1, 3]);
    const [command = '', target] = exported.split(' > ');
    expect(target).toBe('rejected.ndjson');
    const { stdout } = await people.run(command);
    const corrected = inputFile('rejected.ndjson', stdout.replace('"100"', '"99"'));
    expect(await people.load([corrected])).toMatchObject({ code: 0 });
    expect(await people.rows()).toEqual([
      { id: 1, name: 'Ann', born: null },
      { id: 3, name: 'Cleo', born: null },
      { id: 99, name: 'Bea', born: null },
    ]);
  });

  test('abort, and load the corrected file', async () => {
    await people.database.query('alter table people drop constraint people_pkey');
    const { file, printed } = await commands();
    expect(printed).toHaveLength(4);
    expect(await people.run(printed[3] ?? '')).toMatchObject({ code: 0 });
    writeFileSync(file, CONTENT.replace('100,', '99,'));
    expect(await people.load([file])).toMatchObject({ code: 0 });
    expect(await ids()).toEqual([1, 3, 99]);
  });

  test('a key that is there: delete its row, or load again with another --on-conflict', async () => {
    await people.database.query('alter table people drop constraint small');
    await people.database.query("insert into people values (100, 'old')");
    const first = await commands(['--on-conflict', 'error']);
    await people.database.query('delete from people where id = 100');
    expect(await people.run(first.printed[0] ?? '')).toMatchObject({ code: 0 });
    expect(await ids()).toEqual([1, 3, 100]);

    await people.database.query(
      "delete from people where id <> 100; update people set name = 'old'",
    );
    const second = await commands(['--on-conflict', 'error']);
    expect(await people.run(second.printed[3] ?? '')).toMatchObject({ code: 0 });
    expect(await people.load([second.file, '--on-conflict', 'nothing'])).toMatchObject({ code: 0 });
    expect((await people.rows()).map(({ name }) => name)).toEqual(['Ann', 'Cleo', 'old']);
  });
});
