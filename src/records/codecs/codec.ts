/** What a codec is: one PostgreSQL type's way to turn a JavaScript value into the text of a field. */

import type { NativeForm } from '../native/native-form.ts';

/** Types for which the row function carries code of its own, so that the common value costs no call. */
export type FastPath = 'int2' | 'int4' | 'int8' | 'float4' | 'number' | 'bool' | 'text' | 'instant';

/** Takes the text of a long value, from its beginning on. */
export interface Overflow {
  add(text: string): void;
}

/** Whether the text in these bytes of a file is staged as it is. It may say no of one that is. */
export type KeptCheck = (source: Uint8Array, from: number, to: number) => boolean;

export interface Codec {
  /**
   * Text of a value that is neither null nor undefined, not yet quoted for CSV. Throws a `Refusal`.
   *
   * @param overflow where a codec that makes text longer than its value may put the beginning of a long one; it then
   * returns the rest. Without it the whole text is returned.
   */
  encode(value: unknown, overflow?: Overflow): string;
  /** Whether `encode` would leave the text of a field as it is; only asked of texts without NUL. */
  readonly isKept?: KeptCheck;
  readonly fastPath?: FastPath;
  /** For `text`: more UTF-16 units than this are left to `encode`. */
  readonly maxLength?: number;
  /** For `instant`: the text of a Date's milliseconds, which are at least `FIRST_MS`. */
  readonly writeInstant?: (ms: number) => string;
  /**
   * Turns the text made by `encode` into the one text all equal values share. Absent when the type
   * has no such text, for example because a time zone or a modifier of the column decides equality.
   */
  readonly canonical?: (text: string) => string;
  /** The binary form of the type. Absent where only the server can turn text into it without a refusal. */
  readonly native?: NativeForm;
  /** The value is one array or object in JavaScript too, so an array of arrays is not a dimension. */
  readonly takesArrays?: boolean;
}

/** The canonical form of types whose codec already writes one text per value. */
export const asWritten = (text: string): string => text;
