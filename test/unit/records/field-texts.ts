import fc from 'fast-check';

const digits = (most: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: most });
const sign = fc.constantFrom('', '', '-', '+');
const two = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'));
const day = fc
  .tuple(fc.integer({ min: 1995, max: 2401 }), fc.integer({ min: 0, max: 13 }), two)
  .map(([year, month, date]) => `${year}-${String(month).padStart(2, '0')}-${date}`);
const realDay = fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, -14));
const time = fc.tuple(two, two, two).map((parts) => parts.join(':'));
const clock = fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(11, 19));
const fraction = fc.oneof(
  fc.constant(''),
  digits(8).map((part) => `.${part}`),
);
const zone = fc.constantFrom(
  '',
  'Z',
  'z',
  '+00',
  '-05',
  '+05:30',
  '-0330',
  '+5',
  '+05:3',
  '+16:00',
  '+053',
);
const anyTime = fc.tuple(fc.oneof(time, clock), fraction).map((parts) => parts.join(''));

const numeral = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
  fc.constantFrom('0', '-0', '65519.999', '65520', '1e-50', '3.5e38', '16777217', 'NaN', '+1', ''),
);
const blank = fc.constantFrom('', '', '', ' ', '\t');
const listOf = (element: fc.Arbitrary<string>) =>
  fc
    .array(
      fc.tuple(blank, element, blank).map((parts) => parts.join('')),
      { maxLength: 6 },
    )
    .map((each) => each.join(','));
const word = fc.constantFrom(
  'NULL',
  'null',
  '""',
  '"a b"',
  '"a\\"b"',
  'a b',
  'é',
  '{1}',
  'x"y',
  '\\a',
  't',
);
const pair = fc.tuple(fc.integer({ min: 0, max: 9 }), numeral).map((parts) => parts.join(':'));

/** JSON, bytes, arrays and vectors, and what is a little beside them. */
const structured = fc.oneof(
  fc.json(),
  fc.json().map((json) => json.replaceAll(',', ' , ')),
  fc.json().map((json) => json.slice(0, -1)),
  fc.constantFrom(
    '"\\u0000"',
    '"\\ud83d\\ude00"',
    '"\\ud83d"',
    '"\\u00e9"',
    '"\\x"',
    '"\\\\ud83d"',
    '01',
    ' 1 ',
  ),
  fc.constantFrom(
    '"a',
    '{}x',
    '[1,]',
    '[]',
    '{"a":1}\t',
    '["\t"]',
    `${'['.repeat(40)}${']'.repeat(40)}`,
  ),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`),
  fc.constantFrom('\\x', '\\xA', '\\xAB', '\\x0g', '\\X00', '\\x00 ff', '\\\\', '\\000'),
  listOf(fc.oneof(numeral, word)).map((each) => `{${each}}`),
  listOf(numeral).map((each) => `[${each}]`),
  fc
    .tuple(fc.array(pair, { maxLength: 4 }), fc.integer({ min: 0, max: 9 }))
    .map(([pairs, dimensions]) => `{${pairs.join(',')}}/${dimensions}`),
  fc.constantFrom(
    '{',
    '}',
    '{}',
    '{ }',
    ' {1} ',
    '{1}x',
    '{1,,2}',
    '[0:1]={1,2}',
    '{{1},{2}}',
    '[',
    ']',
    '[1',
  ),
);

/** Texts of fields: most are of the common forms, or a little beside one. */
export const fieldText = fc.oneof(
  fc.tuple(sign, digits(20)).map((parts) => parts.join('')),
  fc.bigInt({ min: -(2n ** 63n) - 10n, max: 2n ** 63n + 10n }).map(String),
  fc.constantFrom('32767', '32768', '-32768', '2147483647', '2147483648', '-2147483648'),
  fc.constantFrom('9007199254740993', '-999999999999999999', '-4294967296000000', '-0', '007', '-'),
  fc.tuple(sign, fc.oneof(digits(20), fc.constant('')), fraction).map((parts) => parts.join('')),
  fc.double().map(String),
  fc.float().map(String),
  fc.tuple(fc.double(), fc.integer({ min: 0, max: 30 })).map(([n, places]) => n.toFixed(places)),
  fc.constantFrom('1.', '.5', '.', '1e5', '1_000', 'NaN', '-Infinity', '16777217', '0.0000'),
  fc.constantFrom('t', 'f', 'true', 'FALSE', 'yes', 'on', '1', '0', 'tru', 'x', ' t '),
  fc
    .tuple(fc.oneof(day, realDay), fc.constantFrom(' ', 'T', 't', ''), anyTime, zone)
    .map((parts) => parts.join('')),
  fc.oneof(day, realDay, anyTime, fc.constantFrom('infinity', 'now', '24:00:00', '23:59:60')),
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.tuple(fc.uuid(), fc.constantFrom('', '0', '-')).map(([id, more]) => id.slice(1) + more),
  fc.string({ maxLength: 100 }).map(withoutNul),
  fc.string({ unit: 'binary', maxLength: 80 }).map(withoutNul),
  fc.string({ unit: fc.constantFrom(...'019.+-:TZ eé '), maxLength: 12 }),
  fc.constantFrom('so so', 'sé so', 'sö so', '', 'X'),
  structured,
  fc.constantFrom(
    '{"a": 1}',
    '\\x00ff',
    '127.0.0.1',
    'x'.repeat(63),
    'é'.repeat(40),
    'y'.repeat(5000),
  ),
);

function withoutNul(value: string): string {
  return value.replaceAll('\0', '');
}
