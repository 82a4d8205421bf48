/** Lines of NDJSON as files have them: most are objects of the same few keys, some have something unusual or broken. */

import fc from 'fast-check';
import { fieldText } from '../records/field-texts.ts';

/** As JSON, with more escapes than are needed. */
const jsonString = fc
  .tuple(fieldText, fc.constantFrom('plain', 'some', 'all'))
  .map(([text, escapes]) => {
    const json = JSON.stringify(text);
    if (escapes === 'plain') return json;
    const inside = json.slice(1, -1);
    const escaped = escapes === 'all' ? /[^\\]/g : /[é/](?<!\\.)/g;
    return inside.includes('\\') ? json : `"${inside.replace(escaped, unicodeEscape)}"`;
  });

function unicodeEscape(unit: string): string {
  return unit === '/' ? '\\/' : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const jsonNumber = fc.oneof(
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('-0', '0', '1.50', '1e5', '1E-7', '-0.0', '123456789012345678901', '2.5e+10'),
);

const scalar = fc.oneof(jsonString, jsonNumber, fc.constantFrom('true', 'false', 'null'));

const nested = fc.oneof(
  fc.array(scalar, { maxLength: 3 }).map((each) => `[${each.join(' , ')}]`),
  fc.array(fc.oneof(jsonNumber, fc.constant('null')), { maxLength: 4 }).map((each) => `[${each}]`),
  fc.array(jsonNumber, { maxLength: 3 }).map((each) => `[[${each.join(',')}],[1]]`),
  scalar.map((each) => `{"k": ${each},"k":{"":[]} , "\\n":[ ] }`),
  fc.constantFrom('[', '{').map((open) => `${open.repeat(40)}`),
  fc.integer({ min: 30, max: 34 }).map((n) => '['.repeat(n) + ']'.repeat(n)),
);

const broken = fc.constantFrom(
  ...['01', '1.', '-', '+1', '.5', '1e', '0x1', 'nul', 'True', "'a'", '"\\x"', '"\\u12g4"'],
  ...['"a', '"\t"', '', '[1,]', '{"a"}', '{"a":1,}', '[1 2]', '"\\'],
);

export const jsonValue = fc.oneof(
  { weight: 12, arbitrary: scalar },
  { weight: 3, arbitrary: nested },
  { weight: 1, arbitrary: broken },
);

const blank = fc.constantFrom('', '', '', ' ', '\t ', '\r');

/** @param value of every key */
export function objectOf(
  keys: fc.Arbitrary<string>,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const member = fc
    .tuple(blank, keys, blank, blank, value, blank)
    .map(([a, key, b, c, json, d]) => `${a}${JSON.stringify(key)}${b}:${c}${json}${d}`);
  const members = fc.oneof(
    { weight: 9, arbitrary: fc.uniqueArray(member, { selector: keyOf, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(member, { maxLength: 4 }) },
  );
  return fc
    .tuple(blank, members, blank)
    .map(([before, each, after]) => `${before}{${each.join(',')}}${after}`);
}

function keyOf(member: string): string {
  return member.slice(0, member.indexOf(':')).trim();
}

export const jsonLine = objectOf(fc.constantFrom('a', 'b', 'é', 'j', 'ab'), jsonValue);

const unusual = fc.constantFrom(
  ...['', ' ', '\r', '[1]', '{}', '{', '{"a\\u0062":1}', '{"a\\:1}', '{"a":1}}', '{"a":1},'],
  ...['{"a":1}\0', '{"a" 1}', '{,}', '{"a":1,,"b":2}', '{"z":1}', 'null', '{"a":1}{"b":2}'],
);

export const jsonLines = fc.array(
  fc.oneof({ weight: 5, arbitrary: jsonLine }, { weight: 1, arbitrary: unusual }),
  { maxLength: 12 },
);
