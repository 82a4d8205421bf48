import { describe, expect, test } from 'vitest';
import {
  character,
  collected,
  durationSeconds,
  nameList,
  oneOf,
  tableArgument,
  wholeNumber,
} from '../../../src/cli/argument-parsers.ts';

describe('a table name', () => {
  test.each([
    ['people', 'public', 'people'],
    ['app.people', 'app', 'people'],
    ['App.People', 'App', 'People'],
    ['"a.b"."c ""d"""', 'a.b', 'c "d"'],
    ['"odd name"', 'public', 'odd name'],
    ['app."odd.name"', 'app', 'odd.name'],
  ])('%s', (text, schema, table) => {
    expect(tableArgument(text)).toEqual({ schema, table });
  });

  test.each(['', '.', 'a.', '.b', 'a.b.c', '"a', 'a"b', '""', '"a"b'])('%j is none', (text) => {
    expect(() => tableArgument(text)).toThrow('Expected schema.table or table.');
  });
});

test('whole numbers within their range, and nothing that only looks like one', () => {
  const parse = wholeNumber(1, 10);
  expect([parse('1'), parse('10'), parse('007')]).toEqual([1, 10, 7]);
  for (const text of ['0', '11', '-1', '1.5', '1e1', '', ' 1', '0x1', '99999999999999999999'])
    expect(() => parse(text), text).toThrow('Expected a whole number from 1 to 10.');
  expect(() => wholeNumber(1)('0')).toThrow('from 1 up.');
});

test('names: an empty one skips a field, none may be there twice', () => {
  expect(nameList('a, b ,,c')).toEqual(['a', 'b', '', 'c']);
  expect(() => nameList('a,b,a')).toThrow('The name a appears twice.');
  for (const text of ['', ',', ' , ']) expect(() => nameList(text)).toThrow('Expected names');
});

test('a repeated option collects, and \\t is a tab', () => {
  expect(collected('b', collected('a'))).toEqual(['a', 'b']);
  expect([character('\\t'), character(';'), character('t')]).toEqual(['\t', ';', 't']);
});

describe('a time', () => {
  test.each([
    ['0', 0],
    ['90s', 90],
    ['30m', 1800],
    ['24h', 86_400],
    ['7d', 604_800],
  ])('%s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  test.each(['', '24', '-1h', '1.5h', '24 h', '1w', 'h', '0x10s'])('%j is none', (text) => {
    expect(() => durationSeconds(text)).toThrow(/30m, 24h or 7d/);
  });
});

test('a word in any case, as it is written in the list', () => {
  expect(oneOf(['RUNNING', 'FAILED'])('failed')).toBe('FAILED');
  expect(oneOf(['onConflict'])('onconflict')).toBe('onConflict');
  expect(() => oneOf(['RUNNING', 'FAILED'])('dead')).toThrow('one of RUNNING, FAILED');
});
