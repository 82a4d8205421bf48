// `relyt load` reads CSV, NDJSON and gzip.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { HEADER, People } from './people.ts';
import { inputFile, relyt } from './relyt.ts';

const people = People.forTests();

describe('formats', () => {
  test('CSV with a header: its names are the columns, in any order', async () => {
    const file = inputFile('people.csv', 'born,id,name\n2000-01-02,1,Ann\n,2,""\n,3,\n');
    const { code, stdout, stderr } = await people.load([file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Loaded 3 records \(40 bytes\) from \S+people\.csv into public\.people\.\n {2}rows {6}3 inserted\n {2}rejected {2}none\n {2}time {6}[\d.]+ s, [\d,]+ records a second\n {2}task {6}\S+, 1 file\n$/,
    );
    expect(await people.rows()).toEqual([
      { id: 1, name: 'Ann', born: '2000-01-02' },
      { id: 2, name: '', born: null },
      { id: 3, name: null, born: null },
    ]);
  });

  test('CSV without header fills all columns in order, generated ones left out, as COPY does', async () => {
    await people.database.query(
      'alter table people add twice int generated always as (id * 2) stored',
    );
    await people.database.query('alter table people add last text');
    const result = await people.load(['-', '--no-header', '--format', 'csv'], {
      input: '7,Bea,2001-01-01,end\n',
    });
    expect(result).toMatchObject({ code: 0 });
    expect(await people.database.query('select id, name, twice, last from people')).toEqual([
      { id: 7, name: 'Bea', twice: 14, last: 'end' },
    ]);
  });

  test('--columns renames the fields, and an empty name skips one', async () => {
    const input = 'Number,Comment,Full name\n1,x,Ann\n';
    expect(await people.load(['-', '--columns', 'id,,name'], { input })).toMatchObject({ code: 0 });
    expect(await people.rows()).toEqual([{ id: 1, name: 'Ann', born: null }]);
  });

  test('delimiter, quote and null text', async () => {
    const args = ['-', '--delimiter', '\\t', '--quote', "'", '--null', 'NULL'];
    const input = "id\tname\n1\t'a\tb'\n2\tNULL\n3\t'NULL'\n4\t\n";
    expect(await people.load(args, { input })).toMatchObject({ code: 0 });
    expect((await people.rows()).map(({ name }) => name)).toEqual(['a\tb', null, 'NULL', '']);
  });

  test('the text format of COPY, with its NULL and its sequences', async () => {
    const file = inputFile('people.copy', '1\tAnn\\tLee\t2000-01-02\n2\t\\N\t\\N\n\\.\n');
    expect(await people.load([file])).toMatchObject({ code: 0 });
    expect(await people.rows()).toEqual([
      { id: 1, name: 'Ann\tLee', born: '2000-01-02' },
      { id: 2, name: null, born: null },
    ]);
  });

  test('one JSON array, every digit kept', async () => {
    await people.database.query('alter table people add price numeric');
    const input = '[\n {"id": 1, "price": 9007199254740993.10},\n {"id": 2, "price": null}\n]\n';
    expect(await people.load(['-'], { input })).toMatchObject({ code: 0 });
    expect(await people.database.query('select id, price::text from people order by id')).toEqual([
      { id: 1, price: '9007199254740993.10' },
      { id: 2, price: null },
    ]);
  });

  test('an encoding, an escape, forced NULLs and lines before the header', async () => {
    const text = 'sep=;\nid;name;born\n1;"\\"é\\"";""\n2;"";""\n';
    const file = inputFile('people.csv', Buffer.from(text, 'latin1'));
    const args = [
      '--encoding',
      'LATIN1',
      '--delimiter',
      ';',
      '--escape',
      '\\',
      '--skip-lines',
      '1',
    ];
    expect(await people.load([file, ...args, '--force-null=born'])).toMatchObject({ code: 0 });
    expect(await people.rows()).toEqual([
      { id: 1, name: '"é"', born: null },
      { id: 2, name: '', born: null },
    ]);
  });

  test.each([
    ['people.csv', 'LATIN1', Buffer.from('id,name\n1,é\n2,x\n3,never a number\nbad,ü\n', 'latin1')],
    ['people.copy', 'UTF8', Buffer.from('1\té\n2\tx\n3\ty\nbad\tü\n')],
    [
      'people.json',
      'UTF8',
      Buffer.from('[{"id":1,"name":"é"},{"id":2},\n{"id":3},{"id":"bad","name":"ü"}]'),
    ],
  ])('G1: %s in %s goes on where it failed, in the middle', async (name, encoding, content) => {
    await people.database.query('alter table people drop constraint people_pkey');
    const file = inputFile(name, content);
    const columns = name.endsWith('.copy') ? ['--columns', 'id,name'] : [];
    const args = [file, '--encoding', encoding, '--batch-size', '1', ...columns];
    expect(await people.load(args)).toMatchObject({ code: 1 });
    const again = await people.load([...args, '--max-errors', '1']);
    expect(again).toMatchObject({ code: 3 });
    expect((await people.rows()).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test('NDJSON keeps digits, and json columns stay JSON', async () => {
    await people.database.query(
      'alter table people add price numeric, add info json, add tags text[]',
    );
    const input =
      '{"id":1,"name":"Ann","price":12345678901234567890.10,"info":"text","tags":["a","b c"]}\n' +
      '{"id":2,"name":null,"price":null,"info":{"n": 1.10},"tags":null}\n';
    expect(await people.load(['-'], { input })).toMatchObject({ code: 0 });
    expect(
      await people.database.query(
        'select name, price::text, info::text, tags::text from people order by id',
      ),
    ).toEqual([
      { name: 'Ann', price: '12345678901234567890.10', info: '"text"', tags: '{a,"b c"}' },
      { name: null, price: null, info: '{"n": 1.10}', tags: null },
    ]);
  });

  test('gzip is recognised, from a file and from standard input', async () => {
    const gzipped = gzipSync(`${HEADER}1,Ann,\n`);
    expect(await people.load([inputFile('data', gzipped)])).toMatchObject({ code: 0 });
    expect(await people.load(['-'], { input: gzipSync('{"id":2,"name":"Bea"}\n') })).toMatchObject({
      code: 0,
    });
    expect((await people.rows()).map(({ name }) => name)).toEqual(['Ann', 'Bea']);
  });

  test('names are taken as the catalogue spells them', async () => {
    await people.database.query('create schema "Odd.Schema"');
    await people.database.query('create table "Odd.Schema"."Odd ""Table" ("Id" int)');
    const result = await relyt(['load', '-', '--table', '"Odd.Schema"."Odd ""Table"'], {
      env: { DATABASE_URL: people.database.url },
      input: 'Id\n5\n',
    });
    expect(result).toMatchObject({ code: 0 });
    expect(await people.database.query('select "Id" from "Odd.Schema"."Odd ""Table"')).toEqual([
      { Id: 5 },
    ]);
  });
});
