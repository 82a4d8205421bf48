// What `relyt errors` writes can be corrected and loaded again.

import { describe, expect, test } from 'vitest';
import { rejectedRecords } from '../../../src/administration.ts';
import { generate, targetsOn } from '../../support/loading.ts';
import { defaultServer } from '../../support/stack.ts';
import { inputFile } from '../cli/relyt.ts';
import { accessTo, relytOn, said } from '../cli/relyt-on.ts';

const makeTarget = targetsOn(defaultServer());

async function loadFile(
  target: Awaited<ReturnType<typeof makeTarget>>,
  file: string,
  ...args: string[]
): Promise<string> {
  const result = await relytOn(target, 'load', file, '--table', target.table, '--json', ...args);
  expect(result).toMatchObject({ code: args.includes('--max-errors') ? 3 : 0 });
  return String(said(result).processId);
}

describe('rejected records', () => {
  test('of CSV, refused by loader and database: exported as NDJSON, corrected, loaded', async () => {
    const target = await makeTarget(
      'id int primary key, name varchar(5), tags text[], doc jsonb, born date check (born > $$1900-01-01$$)',
    );
    const file = inputFile(
      'people.csv',
      [
        'id,name,tags,doc,born',
        '1,Ann,"{a,b}","{""n"": 1.10}",2000-01-01',
        '2,Bernadette,"{""x y"",NULL}","{""n"": 12345678901234567890}",2000-01-02',
        '3,Cid,,"""text""",1800-01-01',
        '4,,"{}",[],not a date',
        '',
      ].join('\n'),
    );
    const processId = await loadFile(target, file, '--max-errors', '10');

    const exported = await relytOn(target, 'errors', processId, '--format', 'ndjson');

    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(exported.stdout.trim().split('\n')).toHaveLength(3);
    const corrected = exported.stdout
      .replace('Bernadette', 'Berna')
      .replace('1800-01-01', '2000-01-03')
      .replace('not a date', '2000-01-04');
    await loadFile(target, inputFile('rejected.ndjson', corrected));
    expect(await target.rows('id, name, tags, doc::text as doc, born::text as born', 'id')).toEqual(
      [
        { id: 1, name: 'Ann', tags: ['a', 'b'], doc: '{"n": 1.10}', born: '2000-01-01' },
        {
          id: 2,
          name: 'Berna',
          tags: ['x y', null],
          doc: '{"n": 12345678901234567890}',
          born: '2000-01-02',
        },
        { id: 3, name: 'Cid', tags: null, doc: '"text"', born: '2000-01-03' },
        { id: 4, name: null, tags: [], doc: '[]', born: '2000-01-04' },
      ],
    );
  });

  test('of objects: exported as CSV, corrected, loaded; NULL and the empty text stay apart', async () => {
    const target = await makeTarget(
      'id int primary key, a text, b text, tags int[], doc jsonb, n numeric(4,1)',
    );
    const base = { a: '', b: null, tags: [1, 2, null], doc: { q: '"x", y' }, n: 1.5 };
    const processId = await target.load(
      [
        { id: 1, ...base },
        { id: 'two', ...base, a: 'line\nbreak, "quoted"' },
        { id: 3, ...base, n: 12345.6 },
      ],
      { maxErrorRecords: 5 },
    );

    const exported = await relytOn(target, 'errors', processId, '--format', 'csv');

    expect(exported.stdout.split('\n')[0]).toBe('id,a,b,tags,doc,n');
    const corrected = exported.stdout.replace('two', '2').replace('12345.6', '2.5');
    await loadFile(target, inputFile('rejected.csv', corrected));
    const rest = { b: null, tags: [1, 2, null], doc: base.doc };
    expect(await target.rows('*', 'id')).toEqual([
      { id: 1, a: '', ...rest, n: '1.5' },
      { id: 2, a: 'line\nbreak, "quoted"', ...rest, n: '1.5' },
      { id: 3, a: '', ...rest, n: '2.5' },
    ]);
  });

  test('what could not be read at all is written as it was found, and said', async () => {
    const target = await makeTarget('id int, v text');
    const file = inputFile('events.ndjson', '{"id": 1, "v": "a"}\n{"id": 2, "v": \n');
    const processId = await loadFile(target, file, '--max-errors', '1');

    const exported = await relytOn(target, 'errors', processId, '--format', 'ndjson');

    expect(exported.stdout).toBe('{"id": 2, "v": \n');
    expect(exported.stderr).toBe('1 line could not be read as a record: correct or remove them\n');
    await loadFile(target, inputFile('again.ndjson', exported.stdout.replace(': \n', ': "b"}\n')));
    expect(await target.rows('*', 'id')).toEqual([
      { id: 1, v: 'a' },
      { id: 2, v: 'b' },
    ]);
  });

  test('details, a limit, a table for people, and the library give the same records', async () => {
    const target = await makeTarget('id int primary key, v text');
    const records = generate(1200, (n) => ({ id: n % 2 === 0 ? n : `no. ${n}`, v: 'x' }));
    const processId = await target.load(records, { maxErrorRecords: 600 });

    const all = [];
    for await (const rejected of rejectedRecords(accessTo(target), processId)) all.push(rejected);

    expect(all).toHaveLength(600);
    expect(all.map(({ ordinal }) => ordinal)).toEqual([...generate(600, (n) => 2 * n + 2)]);
    expect(all[0]).toMatchObject({
      stage: 'encode',
      code: 'RECORD_INVALID',
      column: 'id',
      record: { id: 'no. 1', v: 'x' },
    });
    const detailed = await relytOn(target, 'errors', processId, '--details');
    const lines = detailed.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(all);
    const limited = await relytOn(target, 'errors', processId, '--limit', '501', '--json');
    expect(limited.stdout.trim().split('\n')).toEqual(lines.slice(0, 501));
    const shown = await relytOn(target, 'errors', processId, '--limit', '2');
    expect(shown.stdout).toMatch(
      /RECORD +STAGE +CODE +COLUMN +POSITION +REASON\n +2 +encode +RECORD_INVALID +id +- /,
    );
  });

  test('a task without any, and a task that is none', async () => {
    const target = await makeTarget('id int, v text');
    const processId = await target.load([{ id: 1, v: 'a' }]);

    expect(await relytOn(target, 'errors', processId)).toMatchObject({
      code: 0,
      stdout: 'No rejected records.\n',
    });
    expect(await relytOn(target, 'errors', processId, '--format', 'ndjson')).toMatchObject({
      code: 0,
      stdout: '',
    });
    const missing = await relytOn(target, 'errors', 'nobody', '--json');
    expect(missing.code).toBe(1);
    expect(said(missing)).toMatchObject({ ok: false, code: 'TASK_NOT_FOUND' });
    const both = await relytOn(target, 'errors', processId, '--details', '--format', 'csv');
    expect(both.code).toBe(2);
  });
});
