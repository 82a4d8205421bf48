/** Vectors of pgvector and of Relyt: `[1,2,3]` from arrays of numbers. */

import { PIECE_LENGTH } from '../../core/text-windows.ts';
import type { Codec, Overflow } from './codec.ts';
import { numberText } from './float.ts';
import { stageable } from './plain-text.ts';
import { Refusal } from './refusal.ts';

/** Beyond these a component would round to infinity: half and single precision, halfway to the next power of two. */
const HALF_LIMIT = 65_520;
const SINGLE_LIMIT = 2 ** 128 - 2 ** 103;

const LIMITS: ReadonlyMap<string, number> = new Map([
  ['vector', SINGLE_LIMIT],
  ['vecf32', SINGLE_LIMIT],
  ['halfvec', HALF_LIMIT],
  ['vecf16', HALF_LIMIT],
]);

export function isVector(typeName: string): boolean {
  return LIMITS.has(typeName);
}

/**
 * @param dimensions of the column, taken from its type modifier; not checked unless positive
 */
export function vectorCodec(typeName: string, dimensions: number): Codec {
  const limit = LIMITS.get(typeName) ?? SINGLE_LIMIT;
  return {
    takesArrays: true,
    encode(value, overflow) {
      if (typeof value === 'string') {
        if (value !== '') return stageable(value);
        throw new Refusal(value, 'is not a vector', { hint: HINT });
      }
      const numbers = componentsOf(value);
      if (dimensions > 0 && numbers.length !== dimensions) {
        throw new Refusal(value, `has ${numbers.length} components, not ${dimensions}`);
      }
      return vectorText(value, numbers, limit, overflow);
    },
  };
}

const HINT = 'Pass an array of numbers, a typed array, or a string such as "[1,2,3]".';

function componentsOf(value: unknown): ArrayLike<unknown> {
  if (Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value) && 'length' in value) return value as unknown as ArrayLike<unknown>;
  throw new Refusal(value, 'is not a vector', { hint: HINT });
}

function vectorText(
  value: unknown,
  numbers: ArrayLike<unknown>,
  limit: number,
  overflow: Overflow | undefined,
): string {
  let text = '[';
  for (let i = 0; i < numbers.length; i += 1) {
    const component = numbers[i];
    // Written so that NaN fails it too.
    if (typeof component !== 'number' || !(Math.abs(component) < limit)) {
      throw new Refusal(value, wrongComponent(component, i, limit));
    }
    text += i === 0 ? numberText(component) : `,${numberText(component)}`;
    if (overflow === undefined || text.length < PIECE_LENGTH) continue;
    overflow.add(text);
    text = '';
  }
  return `${text}]`;
}

function wrongComponent(component: unknown, index: number, limit: number): string {
  const place = `has at index ${index}`;
  if (typeof component !== 'number') return `${place} something that is not a number`;
  if (Number.isFinite(component)) return `${place} a number of ${limit.toPrecision(6)} or more`;
  return `${place} ${component}, which a vector cannot hold`;
}
