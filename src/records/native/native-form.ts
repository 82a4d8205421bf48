/**
 * The binary form of a field, as PostgreSQL's binary COPY has it: its length in four bytes, then its bytes, big endian.
 */

/** Where tuples are written. The row function keeps the bytes past `limit` free for the fields of fixed size. */
export interface TupleTarget {
  readonly bytes: Buffer;
  /** Of the same bytes. */
  readonly view: DataView;
  readonly limit: number;
}

/** What a writer returns instead of the end of its field when the target ends before. */
export const NO_ROOM = -1;

/** What a reader returns that leaves the text to the codec. */
export const NOT_READ = -2;

/** Bytes of a field of fixed size at most: its length and eight bytes. */
export const FIXED_FIELD_BYTES = 12;

/** Types for which the row function carries code of its own, so that the common value costs no call. */
export type NativePath =
  | 'int2'
  | 'int4'
  | 'int8'
  | 'float4'
  | 'float8'
  | 'bool'
  | 'text'
  | 'instant';

/** Writes the length of the field that begins at `at` and ends at `end`, unless there was no room. Returns the end. */
export function endField({ view }: TupleTarget, at: number, end: number): number {
  if (end !== NO_ROOM) view.setInt32(at, end - at - 4);
  return end;
}

/**
 * Writes the field of text that is in the bytes of a file, without a NUL, as `write` does it with the string.
 * @returns where it ends, NO_ROOM, or NOT_READ for text that only the codec can judge
 */
export type FieldReader = (
  source: Buffer,
  from: number,
  to: number,
  target: TupleTarget,
  at: number,
) => number;

/** Leaves all to the codec. */
export const readNothing: FieldReader = () => NOT_READ;

/**
 * One type's binary form. A codec has one only where the type's receive function cannot refuse what is written: such an
 * error ends the reading of a whole file, so the record it is of could not be found.
 */
export interface NativeForm {
  /**
   * Writes the field of a value that is neither null nor undefined.
   * @returns where it ends, or NO_ROOM
   * @throws Refusal as the codec does; TextNeededError for a valid value that only the server can read
   */
  write(value: unknown, target: TupleTarget, at: number): number;
  /** For texts of the common forms; a property test holds it and `write` together. */
  readonly read?: FieldReader;
  /** For arrays of well-formed JSON; the same test holds it and `write` of the parsed array together. */
  readonly readArray?: FieldReader;
  readonly path?: NativePath;
  /** Equal values have equal bytes, so the bytes decide the lane of a key. */
  readonly canonical?: boolean;
}

/** The value is fine as text, and its binary form is not known: its column must be staged as text from here on. */
export class TextNeededError extends Error {
  constructor() {
    super('the value has no binary form');
  }
}
