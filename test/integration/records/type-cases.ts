/** For every kind of column: values as a program has them, each with the text of the same value as a plain parameter. */

import fc from 'fast-check';
import { majorOf, type TestServer } from '../../support/stack.ts';

/** What the encoder is given, and what node-postgres binds for the same value. */
export type Pair = readonly [given: unknown, bound: string | Buffer | null];

export interface TypeCase {
  /** SQL of the column's type. */
  readonly type: string;
  readonly pairs: fc.Arbitrary<Pair>;
}

/** Types that came with PostgreSQL 14. */
const SINCE_14: ReadonlySet<string> = new Set(['int4multirange']);

/** Those that the server has. */
export function typeCasesOn(server: TestServer): readonly TypeCase[] {
  if (majorOf(server) >= 14) return TYPE_CASES;
  return TYPE_CASES.filter(({ type }) => !SINCE_14.has(type)).map((typeCase) =>
    typeCase.type === 'numeric'
      ? { ...typeCase, pairs: typeCase.pairs.filter(([value]) => !isInfinite(value)) }
      : typeCase,
  );
}

/** What numeric takes since PostgreSQL 14. */
function isInfinite(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) === Number.POSITIVE_INFINITY;
}

/** Types the cases below need. */
export const TYPE_SETUP = [
  `create type mood as enum ('happy', 'so so', 'null', '{"x"}')`,
  'create type pair as (a int, b text)',
  'create domain positive as int4 check (value > 0)',
  'create domain code as varchar(3)',
];

/** Types of the cases below that have no binary form: the database has to judge their text. */
export const TEXT_ONLY: ReadonlySet<string> = new Set([
  ...['oid', 'money', '"char"', 'timetz', 'interval', 'json', 'jsonb', 'jsonb[]'],
  ...['mood', 'mood[]', 'pair', 'inet', 'macaddr', 'bit(4)', 'varbit', 'tsvector'],
  ...['point', 'box[]', 'int4range', 'int4multirange', 'pg_lsn', 'int2vector'],
]);

const text = fc.string({ unit: 'binary' }).filter((t) => !t.includes('\0') && t.isWellFormed());
const trickyText = fc.oneof(
  text,
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\\', '.', ' ', '{', '}', 'é', "'") }),
  fc.constantFrom('', '\\.', '\\N', 'NULL', '\u{1F600}', '\n\\.\n'),
);

function same<T extends string>(values: fc.Arbitrary<T>): fc.Arbitrary<Pair> {
  return values.map((value) => [value, value] as const);
}

function constants(...values: readonly string[]): fc.Arbitrary<Pair> {
  return same(fc.constantFrom(...values));
}

function integers(low: bigint, high: bigint): fc.Arbitrary<Pair> {
  return fc
    .oneof(fc.bigInt({ min: low, max: high }), fc.constantFrom(low, high))
    .chain((n) =>
      fc
        .constantFrom<unknown>(n, String(n), ` ${n} `, ...(isSafe(n) ? [Number(n)] : []))
        .map((given) => [given, String(n)] as const),
    );
}

function isSafe(n: bigint): boolean {
  return Number.isSafeInteger(Number(n));
}

function numbers(values: fc.Arbitrary<number>): fc.Arbitrary<Pair> {
  return values.map((n) => [n, Object.is(n, -0) ? '-0' : String(n)] as const);
}

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.integer({ min: -40, max: 40 }))
  .map(([digits, exponent]) => `${digits}e${exponent}`);

const twoDigits = (max: number) =>
  fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
const clock = fc
  .tuple(twoDigits(23), twoDigits(59), twoDigits(59), fc.integer({ min: 0, max: 999_999 }))
  .map(([h, m, s, us]) => `${h}:${m}:${s}.${String(us).padStart(6, '0')}`);
const day = fc
  .tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 12 }), twoDigits(28))
  .filter(([, , d]) => d !== '00')
  .map(([y, m, d]) => `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${d}`);
const offset = fc.constantFrom('Z', '+00', '-11:30', '+14');
const era = fc.constantFrom('', '', ' BC');

/** Years up to 4713 exist before Christ, so the era goes with the small ones only. */
const dayWithEra = fc.tuple(day, era).map(([d, e]) => (Number.parseInt(d, 10) < 4713 ? d + e : d));

/** JSON.stringify, the oracle, writes a negative zero as `0` where the encoder keeps its sign: a pair of its own. */
const json: fc.Arbitrary<Pair> = fc.oneof(
  fc
    .jsonValue({ stringUnit: 'binary' })
    .map((value) => JSON.stringify([value]))
    .filter((document) => !/\\u(?:0000|d[89a-f])/i.test(document))
    .chain((document) =>
      fc.constantFrom<Pair>([JSON.parse(document), document], [document, document]),
    ),
  fc.constant<Pair>([{ zero: -0 }, '{"zero":-0}']),
);

/** An array literal with every element in quotes: shares nothing with the encoder's. */
function literal(value: unknown, delimiter = ','): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `{${value.map((v) => literal(v, delimiter)).join(delimiter)}}`;
  return `"${String(value).replace(/["\\]/g, (c) => `\\${c}`)}"`;
}

function arrays<T>(element: fc.Arbitrary<T>, bound: (v: T) => string = String): fc.Arbitrary<Pair> {
  const cell = fc.option(element);
  const flat = fc.array(cell);
  const nested = fc
    .integer({ min: 1, max: 3 })
    .chain((n) =>
      fc.array(fc.array(cell, { minLength: n, maxLength: n }), { minLength: 1, maxLength: 4 }),
    );
  const shown = (v: T | null) => (v === null ? null : bound(v));
  return fc.oneof(
    flat.map((given): Pair => [given, literal(given.map(shown))]),
    nested.map((given): Pair => [given, literal(given.map((row) => row.map(shown)))]),
    flat.map((given): Pair => {
      const text = literal(given.map(shown));
      return [text, text];
    }),
  );
}

export const TYPE_CASES: readonly TypeCase[] = [
  { type: 'int2', pairs: integers(-32_768n, 32_767n) },
  { type: 'int4', pairs: integers(-(2n ** 31n), 2n ** 31n - 1n) },
  { type: 'int8', pairs: integers(-(2n ** 63n), 2n ** 63n - 1n) },
  { type: 'oid', pairs: integers(0n, 2n ** 32n - 1n) },
  { type: 'float8', pairs: numbers(fc.double()) },
  {
    type: 'float4',
    pairs: numbers(
      fc.oneof(
        fc.float(),
        fc.double({ min: -1e30, max: 1e30 }).filter((n) => n === 0 || Math.abs(n) > 1e-40),
      ),
    ),
  },
  {
    type: 'numeric',
    pairs: fc.oneof(same(decimals), numbers(fc.double()), integers(-(10n ** 50n), 10n ** 50n)),
  },
  { type: 'numeric(10,3)', pairs: numbers(fc.double({ min: -1e6, max: 1e6, noNaN: true })) },
  { type: 'money', pairs: integers(-(10n ** 15n), 10n ** 15n) },
  {
    type: 'bool',
    pairs: fc.constantFrom<Pair>(
      [true, 't'],
      [false, 'f'],
      [1, '1'],
      ['Yes', 'Yes'],
      [' off', ' off'],
    ),
  },
  { type: 'text', pairs: same(trickyText) },
  {
    type: 'varchar(4)',
    pairs: same(
      fc.oneof(
        fc
          .string({ unit: 'binary', maxLength: 4 })
          .filter((t) => !t.includes('\0') && t.isWellFormed()),
        fc.constant('abcd    '),
      ),
    ),
  },
  { type: 'char(4)', pairs: same(fc.constantFrom('', 'a', 'a  ', '\u{1F600}bcd', 'abcd   ')) },
  { type: 'name', pairs: constants('', 'pg_class', 'a "b"', 'x'.repeat(63)) },
  { type: '"char"', pairs: constants('', 'a', ',', '"') },
  {
    type: 'bytea',
    pairs: fc
      .uint8Array()
      .chain((b) =>
        fc.constantFrom<Pair>(
          [b, Buffer.from(b)],
          [`\\x${Buffer.from(b).toString('hex')}`, Buffer.from(b)],
        ),
      ),
  },
  { type: 'bytea', pairs: constants('', 'abc', 'é\\\\\\001', '\\xDE ad') },
  {
    type: 'date',
    pairs: fc.oneof(same(dayWithEra), constants('infinity', '-infinity', '5874897-12-31')),
  },
  { type: 'time', pairs: fc.oneof(same(clock), constants('24:00:00')) },
  { type: 'timetz', pairs: same(fc.tuple(clock, offset).map((parts) => parts.join(''))) },
  {
    type: 'timestamp',
    pairs: fc.oneof(
      same(fc.tuple(day, clock).map((parts) => parts.join(' '))),
      constants('-infinity'),
    ),
  },
  {
    type: 'timestamptz',
    pairs: same(fc.tuple(day, clock, offset).map(([d, c, o]) => `${d} ${c}${o}`)),
  },
  {
    type: 'interval',
    pairs: constants('1 year 2 mons -3 days 04:05:06.789', 'PT2H', '-1 day', '00:00:00'),
  },
  {
    type: 'uuid',
    pairs: fc
      .uuid()
      .chain((u) => fc.constantFrom<Pair>([u, u], [u.toUpperCase(), u], [`{${u}}`, u])),
  },
  { type: 'json', pairs: json },
  {
    type: 'jsonb',
    pairs: fc.oneof(
      json,
      fc.bigInt().map((n): Pair => [{ n }, `{"n":${n}}`]),
    ),
  },
  { type: 'mood', pairs: constants('happy', 'so so', 'null', '{"x"}') },
  { type: 'positive', pairs: integers(1n, 1000n) },
  { type: 'code', pairs: constants('', 'abc', 'é') },
  { type: 'pair', pairs: constants('(1,"a,b")', '(,)', '(2,"")') },
  { type: 'inet', pairs: constants('10.0.0.1', '10.0.0.1/8', '::1') },
  { type: 'macaddr', pairs: constants('08:00:2b:01:02:03') },
  { type: 'bit(4)', pairs: constants('1010', 'xA') },
  { type: 'varbit', pairs: constants('', '1', 'b101') },
  { type: 'tsvector', pairs: constants('', "a:1A 'b c':2") },
  { type: 'point', pairs: constants('(1,2)', '1.5, -2') },
  { type: 'int4range', pairs: constants('[1,5)', 'empty', '(,)') },
  { type: 'int4multirange', pairs: constants('{}', '{[1,5),[7,9)}') },
  { type: 'pg_lsn', pairs: constants('16/B374D848') },
  { type: 'int2vector', pairs: constants('1 2 3', '') },
  { type: 'int4[]', pairs: arrays(fc.integer()) },
  { type: 'int8[]', pairs: fc.bigInt64Array().map((a): Pair => [a, literal(Array.from(a))]) },
  {
    type: 'float8[]',
    pairs: fc
      .float64Array()
      .map((a): Pair => [a, literal(Array.from(a, (n) => (Object.is(n, -0) ? '-0' : n)))]),
  },
  { type: 'text[]', pairs: arrays(trickyText) },
  { type: 'varchar(3)[]', pairs: arrays(fc.constantFrom('', 'a,b', 'é"}')) },
  { type: 'bool[]', pairs: arrays(fc.boolean()) },
  { type: 'mood[]', pairs: arrays(fc.constantFrom('happy', 'null', '{"x"}')) },
  {
    type: 'bytea[]',
    pairs: arrays(fc.uint8Array(), (b) => `\\x${Buffer.from(b).toString('hex')}`),
  },
  { type: 'jsonb[]', pairs: constants('{"[1]","{\\"a\\": null}",NULL}') },
  {
    type: 'timestamptz[]',
    pairs: arrays(fc.tuple(day, clock, offset).map(([d, c, o]) => `${d} ${c}${o}`)),
  },
  {
    type: 'int4[]',
    pairs: constants(' {1, 2 ,NULL,"3"} ', '{ }', '[2:3]={1,2}', '{{1},{2}}', '{null}'),
  },
  { type: 'text[]', pairs: constants('{a b , c}', '{"NULL",nULL,""}', '{"a\\"b\\\\",é}', '{\\a}') },
  {
    type: 'float4[]',
    pairs: constants('{1e-3,0.1,16777217,3.4e38,-0}', '{1.17549435e-38,2.5E+3}'),
  },
  { type: 'numeric(6,2)[]', pairs: constants('{1.005,-12.3456,1e3}', '{0.00}') },
  { type: 'box[]', pairs: constants('{(1,1),(0,0);(2,2),(1,1)}') },
];
