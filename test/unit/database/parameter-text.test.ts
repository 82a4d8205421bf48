// Values of statements reach the server as node-postgres itself would send them.

import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parameterText } from '../../../src/database/parameter-text.ts';

/** node-postgres's own; it is not part of its types. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils') as {
  prepareValue(value: unknown): unknown;
};

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'NULL', '{}', '"', '\\', '\\"', ',', "'", ' '),
  fc.integer(),
  fc.bigInt(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 4 })),
})).value;

test('scalars and arrays of any depth', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(parameterText(given)).toEqual(prepareValue(given));
    }),
  );
});

test('bytes, by themselves and in an array', () => {
  const bytes = Buffer.from([0, 34, 92, 255]);
  expect(parameterText(bytes)).toBe(bytes);
  expect(parameterText([bytes, null])).toBe('{"\\\\x00225cff",NULL}');
});

test('an object is JSON', () => {
  expect(parameterText({ a: [1, 'x"'], b: null })).toBe('{"a":[1,"x\\""],"b":null}');
});
