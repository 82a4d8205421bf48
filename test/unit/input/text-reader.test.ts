// G4: the text format of COPY. That it is what COPY reads is shown against COPY itself, in the integration tests.

import { describe, expect, test } from 'vitest';
import { readText, type TextOptions } from '../../../src/input/text-reader.ts';
import { everyRow } from './every-row.ts';
import { chunksOf, failure } from './read-all.ts';

async function fieldsOf(text: string, options: TextOptions = {}, sizes: readonly number[] = []) {
  const fields: unknown[] = [];
  for await (const { records } of readText(chunksOf(text, sizes), options).records)
    fields.push(...records.map((record) => record.fields));
  return fields;
}

describe('fields', () => {
  test.each<[string, (string | null)[]]>([
    ['a\tb', ['a', 'b']],
    ['\\N\t', [null, '']],
    ['\\\\N\tN', ['\\N', 'N']],
    ['a\\tb\ta\\\tb', ['a\tb', 'a\tb']],
    ['\\b\\f\\n\\r\\v\t\\q\\"', ['\b\f\n\r\v', 'q"']],
    ['\\101\\x41\\x4A\t\\7\\18', ['AAJ', '\x07\x018']],
    ['\\303\\251\té\\xc3\\xa9', ['é', 'éé']],
    ['a\\\nb\tc', ['a\nb', 'c']],
    ['"a"\t,', ['"a"', ',']],
    ['a\tb\\', ['a', 'b']],
  ])('%j', async (text, fields) => {
    for (const sizes of [[], [1], [2], [3]]) {
      expect(await fieldsOf(text, {}, sizes)).toEqual([fields]);
      if (!text.endsWith('\\')) expect(await fieldsOf(`${text}\n`, {}, sizes)).toEqual([fields]);
    }
  });

  test('have a delimiter and a null text of their own', async () => {
    expect(await fieldsOf('a|NULL\n|null\n', { delimiter: '|', nullText: 'NULL' })).toEqual([
      ['a', null],
      ['', 'null'],
    ]);
  });

  test.each(['\\', '.', 'a', '7', '\n', 'é', ''])('are not separated by %j', async (delimiter) => {
    expect(() => readText(chunksOf(''), { delimiter })).toThrow(/The delimiter must be/);
  });
});

describe('the end of the data', () => {
  test.each(['\n', '\r\n', '\r'])('is a line of its own, with line ends %j', async (lineEnd) => {
    const text = ['a', '\\.', ''].join(lineEnd);
    for (const sizes of [[], [1], [2]]) expect(await fieldsOf(text, {}, sizes)).toEqual([['a']]);
  });

  test('G2: with other data after it nothing is passed over silently', async () => {
    const { code, message } = await failure(fieldsOf('a\n\\.\n\nb\n'));
    expect(code).toBe('INPUT_MALFORMED');
    expect(message).toBe('Line 2 ends the data with \\., but other lines follow.');
  });

  test('inside of a record makes it a bad one', async () => {
    expect((await failure(fieldsOf('a\\.\n'))).message).toContain('not alone on its line');
  });
});

test('bytes that are no text make a bad record, and the others go on (G2)', async () => {
  const bad: number[] = [];
  const fields: unknown[] = [];
  const options: TextOptions = { onBadRecord: ({ line }) => void bad.push(line) };
  for await (const { records } of readText(chunksOf('a\n\\xff\nc\n'), options).records)
    fields.push(...records.map((record) => record.fields));
  expect([fields, bad]).toEqual([[['a'], ['c']], [2]]);
});

test('mixed line ends are refused, with the line', async () => {
  const { message, hint } = await failure(fieldsOf('a\nb\rc\n'));
  expect(message).toContain('Line 2 has a CR line end');
  expect(hint).toContain('\\r');
});

test('a header, and lines before it, are as the user says', async () => {
  const reader = readText(chunksOf('x\na\tb\n1\t2\n'), { header: true, skipLines: 1 });
  expect(await reader.header()).toEqual(['a', 'b']);
  expect(await fieldsOf('a\tb\n1\t2\n')).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
});

test('most records are taken from their bytes, and are the same ones (G5)', async () => {
  const text = Array.from(
    { length: 200 },
    (_, i) => `${i}\t${i % 5 ? 'é' : '\\N'}\t${i % 9 ? '' : '\\t'}\n`,
  );
  const whole = await everyRow(
    (onBadRecord) => readText(chunksOf(text.join('')), { onBadRecord }).rows,
  );
  const bytewise = await everyRow(
    (onBadRecord) => readText(chunksOf(text.join(''), [1]), { onBadRecord }).rows,
  );
  expect(whole.skimmed).toBeGreaterThan(150);
  expect(bytewise.skimmed).toBeLessThan(whole.skimmed);
  expect(whole.found).toEqual(bytewise.found);
});
