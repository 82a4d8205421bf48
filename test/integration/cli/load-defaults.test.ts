// NDJSON whose first record leaves a column to its default: which columns are loaded, and what to do (G8).

import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { commandsIn, People } from './people.ts';
import { inputFile } from './relyt.ts';

const people = People.forTests();
const CONTENT = '{"id":1}\n{"id":2,"name":"Bea"}\n';

beforeEach(async () => {
  await people.database.query("alter table people alter name set default 'nobody'");
});

async function names(): Promise<unknown[]> {
  return (await people.rows()).map(({ name }) => name);
}

describe('G8: a later record has a value for it', () => {
  async function refused(): Promise<{ file: string; printed: string[] }> {
    const file = inputFile('people.ndjson', CONTENT);
    const { code, stderr } = await people.load([file]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${file}, line 2: Record 2: the property "name" is a column with a default that the first record left out`,
    );
    expect(stderr).not.toContain('Correct the record.');
    return { file, printed: commandsIn(stderr) };
  }

  test('every record gets a value, null where there is none', async () => {
    const { file, printed } = await refused();
    writeFileSync(file, CONTENT.replace('{"id":1}', '{"id":1,"name":null}'));
    expect(await people.run(printed[0] ?? '')).toMatchObject({ code: 0 });
    expect(await names()).toEqual([null, 'Bea']);
  });

  test('the default is dropped', async () => {
    const { printed } = await refused();
    await people.database.query('alter table people alter name drop default');
    expect(await people.run(printed[1] ?? '')).toMatchObject({ code: 0 });
    expect(await names()).toEqual([null, 'Bea']);
  });

  test('no record gets a value: --columns names the others', async () => {
    const { file, printed } = await refused();
    expect(await people.run(printed[2] ?? '')).toMatchObject({ code: 0 });
    expect(await people.load([file, '--columns', 'id'])).toMatchObject({ code: 0 });
    expect(await names()).toEqual(['nobody', 'nobody']);
  });

  test('when records are staged already, it is left out, exported and loaded by itself', async () => {
    // More files than may wait for their import: some are imported before the last record is read.
    const many = Array.from({ length: 250_000 }, (_, n) => `{"id":${n + 10}}\n`).join('');
    const file = inputFile('people.ndjson', `${many}{"id":2,"name":"Bea"}\n`);
    const { code, stderr } = await people.load([file, '--batch-size', '5000']);
    expect(code).toBe(1);
    expect(stderr).toContain('staged already');
    const [leaveOut = '', exported = ''] = commandsIn(stderr);
    expect(await people.run(leaveOut.replace(/ N$/, ' 1'))).toMatchObject({ code: 3 });
    const { stdout } = await people.run(exported.split(' > ')[0] ?? '');
    expect(await people.load([inputFile('rejected.ndjson', stdout)])).toMatchObject({ code: 0 });
    const [row] = await people.database.query(
      "select count(*)::int, count(*) filter (where name = 'nobody')::int as nobody from people",
    );
    expect(row).toEqual({ count: 250_001, nobody: 250_000 });
    expect((await people.rows())[0]).toEqual({ id: 2, name: 'Bea', born: null });
  });
});

test('G8: a value the column refuses is to be corrected, whatever default the column has', async () => {
  await people.database.query('alter table people alter born set default now()');
  const file = inputFile('people.ndjson', '{"id":1,"born":"someday"}\n');
  const { stderr } = await people.load([file]);
  expect(stderr).toContain('hint: Correct the record. Then: relyt resume');
});

test('G8: a first record that names no column of the table: after the correction, resume', async () => {
  const file = inputFile('people.ndjson', '{"id":1,"nmae":"Ann"}\n');
  const { stderr } = await people.load([file]);
  expect(stderr).toContain('code: COLUMN_UNKNOWN');
  writeFileSync(file, '{"id":1,"name":"Ann"}\n');
  expect(await people.run(commandsIn(stderr)[0] ?? '')).toMatchObject({ code: 0 });
  expect(await names()).toEqual(['Ann']);
});
