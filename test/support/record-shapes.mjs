/**
 * Records that are dear to hold: in a file `unit` (or what `unitOf` makes of a number) is repeated between `before` and `after`; a `value` handed to
 * insert() is made of that many pieces of `valueBytes` bytes each. `refused`: no table can take the record.
 */
const csv = (unit, rest = {}) => ({ format: 'csv', unit, ...rest });
const ndjson = (unit, rest = {}) => ({
  format: 'ndjson',
  before: '{"v":"',
  unit,
  after: '"}',
  ...rest,
});
const quoted = (unit, rest = {}) => csv(unit, { before: '"', after: '"', ...rest });
const inArray = (unit, last, rest) =>
  ndjson(unit, { before: '{"v":[', after: `${last}]}`, ...rest });
const value = (valueBytes, make, rest = {}) => ({ value: make, valueBytes, ...rest });

export const SHAPES = {
  'CSV: quotes': quoted('""'),
  'CSV: quotes and non-Latin text': quoted('a""b', { before: '"😀' }),
  'CSV: one long field': csv('abcdefgh'),
  'CSV: one long field with an emoji': csv('abcdefgh', { before: '😀' }),
  'CSV: quoted commas and line ends': quoted(',\n'),
  'CSV: quoted pieces': csv('"a"'),
  'CSV: many fields': csv(',', { refused: true }),
  'CSV: many short fields': csv('ab,', { refused: true }),
  'CSV: non-Latin text': quoted('数据😀'),
  'CSV: Latin text with accents': csv('é'),
  'CSV: control characters': csv('\u0001\u0002'),
  'CSV: bytea in hex': csv('0a1B', { before: '\\x', type: 'bytea' }),
  'CSV: bytea in escape format': csv('\\001', { type: 'bytea' }),
  'CSV: bytea in plain text': csv('abcd', { type: 'bytea' }),
  'CSV: JSON text': csv('1,', { before: '"[', after: '1]"', type: 'jsonb' }),
  'CSV: JSON text of objects': quoted('{""a"":{}},', { before: '"[', after: '1]"', type: 'jsonb' }),
  'CSV: array text': quoted('1,', { before: '"{', after: '1}"', element: 'int4' }),
  // Too many for a binary form: they go as text, for the database to judge.
  'CSV: digits': csv('1', { type: 'numeric' }),
  'CSV: bits': csv('01', { type: 'varbit' }),
  'CSV: bits in hex': csv('0f', { before: 'x', type: 'varbit' }),
  'CSV: no integer': csv('12', { type: 'int8', refused: true }),
  'NDJSON: escaped quotes': ndjson('\\"'),
  'NDJSON: escaped backslashes': ndjson('\\\\'),
  'NDJSON: escaped Latin text': ndjson('\\u00e9'),
  'NDJSON: escaped surrogate pairs': ndjson('\\ud83d\\ude00'),
  'NDJSON: escaped control characters': ndjson('\\u0001'),
  'NDJSON: escapes and non-Latin text': ndjson('ab\\"', { before: '{"v":"😀' }),
  'NDJSON: plain text': ndjson('abcdefgh'),
  'NDJSON: non-Latin text': ndjson('数据😀'),
  'NDJSON: half surrogate pairs': ndjson('\\ud83d', { refused: true }),
  'NDJSON: deep nesting': ndjson('[', { before: '{"v":', after: '', type: 'jsonb', refused: true }),
  'NDJSON: nested arrays': inArray('[[[]]],', '1', { type: 'jsonb' }),
  'NDJSON: wide jsonb array': inArray('1,', '1', { type: 'jsonb' }),
  'NDJSON: jsonb array of texts': inArray('"",', '1', { type: 'jsonb' }),
  'NDJSON: jsonb object of many keys': ndjson('"k":{},', {
    before: '{"v":{',
    after: '"z":1}}',
    type: 'jsonb',
  }),
  'NDJSON: jsonb text with escapes': ndjson('\\"', { type: 'jsonb' }),
  'NDJSON: jsonb text with backslashes': ndjson('\\\\u0000', { type: 'jsonb' }),
  'NDJSON: array of integers': inArray('1,', '1', { element: 'int4' }),
  'NDJSON: array of long integers': inArray('1234567,', '1', { element: 'int4' }),
  'NDJSON: array of texts': inArray('"\\"",', '"a"', { element: 'text' }),
  'NDJSON: array of arrays': inArray('[1],', '[1]', { element: 'int4' }),
  'NDJSON: array of objects': inArray('{},', '{}', { element: 'jsonb' }),
  'NDJSON: vector': inArray('0.5,', '1', { type: 'vector', refused: true }),
  'NDJSON: many keys': {
    format: 'ndjson',
    before: '{"v":1,',
    unitOf: (i) => `"k${i}":1,`,
    after: '"z":1}',
    refused: true,
  },
  'insert: text': value(1, (n) => 'abcdefgh'.repeat(n / 8)),
  'insert: text of quotes': value(1, (n) => '"'.repeat(n)),
  'insert: non-Latin text': value(3, (n) => '数'.repeat(n)),
  'insert: Buffer': value(1, (n) => Buffer.alloc(n, 7), { type: 'bytea' }),
  'insert: Buffer into another column': value(1, (n) => Buffer.alloc(n, 7), { refused: true }),
  'insert: bytea text': value(1, (n) => `\\x${'0a'.repeat(n / 2)}`, { type: 'bytea' }),
  'insert: array of numbers': value(8, (n) => Array(n).fill(1_234_567), { element: 'int4' }),
  'insert: typed array': value(4, (n) => new Int32Array(n).fill(1_234_567), { element: 'int4' }),
  'insert: floats': value(8, (n) => new Float64Array(n).fill(0.1 + 0.2), { element: 'float8' }),
  'insert: vector': value(4, (n) => new Float32Array(n).fill(0.5), { type: 'vector' }),
  'insert: jsonb array': value(8, (n) => Array(n).fill(1_234_567), { type: 'jsonb' }),
  'insert: jsonb object': value(
    16,
    (n) => Array(Math.ceil(n / 4)).fill({ a: 1, b: 'text', c: null, d: [1, 2] }),
    { type: 'jsonb' },
  ),
  'insert: jsonb object of a long text': value(1, (n) => ({ a: 'abcdefg"'.repeat(n / 8) }), {
    type: 'jsonb',
  }),
};
