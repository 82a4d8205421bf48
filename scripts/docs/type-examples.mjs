/** Column types and values to show for each. A value is a function, so that the page can print its source. */

const base = (name, typmod = -1) => ({ name, kind: 'base', typmod, delimiter: ',' });
const array = (element) => ({ ...base(`_${element.name}`), kind: 'array', element });
/** As PostgreSQL packs numeric(precision, scale) and varchar(n). */
const numeric = (precision, scale) => base('numeric', ((precision << 16) | scale) + 4);
const varchar = (length) => base('varchar', length + 4);
/** A value of which the column keeps less than it is given; a test loads it and looks. */
const rounded = (value, stored) => Object.assign(value, { stored });
const mood = { ...base('mood'), kind: 'enum', labels: ['sad', 'happy'] };

export const TYPE_EXAMPLES = [
  ['smallint, integer', base('int4'), [() => 42, () => 42n, () => '42', () => 1.5, () => 2 ** 31]],
  [
    'bigint',
    base('int8'),
    [() => 42, () => 9223372036854775807n, () => '9223372036854775807', () => 2 ** 60],
  ],
  [
    'real',
    base('float4'),
    [
      () => 0.5,
      rounded(() => 16777217, '1.6777216e+07'),
      () => Number.NaN,
      () => 1e300,
      () => 1e-300,
    ],
  ],
  [
    'double precision',
    base('float8'),
    [() => 0.1, () => -0, () => Number.NEGATIVE_INFINITY, () => '1e-7', () => 2n ** 53n + 1n],
  ],
  ['numeric', base('numeric'), [() => 0.1, () => 2n ** 100n, () => '0.1000', () => Number.NaN]],
  [
    'numeric(5,2)',
    numeric(5, 2),
    [() => 999.99, rounded(() => '123.456', '123.46'), () => 1000, () => Number.POSITIVE_INFINITY],
  ],
  ['money', base('money'), [() => 5, () => 5n, () => '$5.25', () => 5.25]],
  ['boolean', base('bool'), [() => true, () => 0, () => 'yes', () => 2]],
  [
    'text',
    base('text'),
    [() => 'text', () => 1.5, () => true, () => ({}), () => 'a\0b', () => '\ud800'],
  ],
  ['varchar(3)', varchar(3), [() => 'abc', () => 'abcd']],
  [
    'bytea',
    base('bytea'),
    [() => new Uint8Array([0, 255]), () => Buffer.from('a'), () => '\\x00ff', () => 7],
  ],
  [
    'timestamptz',
    base('timestamptz'),
    [
      () => new Date(0),
      () => '2024-02-29 13:45:00.123456+01',
      () => 'infinity',
      () => 0,
      () => new Date(Number.NaN),
    ],
  ],
  ['timestamp', base('timestamp'), [() => new Date(0), () => '2024-02-29 13:45:00.123456']],
  [
    'timestamp(0)',
    base('timestamp', 0),
    [rounded(() => '2024-02-29 13:45:00.6', '2024-02-29 13:45:01')],
  ],
  ['date', base('date'), [() => new Date(0), () => '2024-02-29', () => new Date(1)]],
  ['time, timetz', base('time'), [() => '13:45:00.123456', () => new Date(0)]],
  ['interval', base('interval'), [() => '1 day 02:30', () => 'PT2H30M', () => 90]],
  [
    'uuid',
    base('uuid'),
    [() => 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', () => 'a0eebc99', () => 1n],
  ],
  [
    'json, jsonb',
    base('jsonb'),
    [
      () => ({ id: 2n ** 60n, at: new Date(0) }),
      () => [1, null],
      () => '{"a":1}',
      () => 'a',
      () => Number.NaN,
      () => new Map(),
    ],
  ],
  ['an enum (sad, happy)', mood, [() => 'happy', () => 'hapy']],
  ['bit(4)', base('bit', 4), [() => '1010', () => '101']],
  [
    'integer[]',
    array(base('int4')),
    [
      () => [1, null],
      () => [[1], [2]],
      () => new Int32Array([1, 2]),
      () => '{1,2}',
      () => [[1], [2, 3]],
    ],
  ],
  ['text[]', array(base('text')), [() => ['a b', '', 'NULL', '"'], () => 'a']],
  [
    'vector(2), vecf16(2), halfvec(2)',
    base('vecf16', 2),
    [() => [0.5, -1], () => new Float32Array([0.5, 1]), () => '[1,2]', () => [1], () => [1, 1e9]],
  ],
  ['any other type', base('inet'), [() => '10.0.0.0/8', () => 5, () => ({})]],
];
