import { type FieldReader, NOT_READ, TextNeededError, type TupleTarget } from './native-form.ts';

/** Longer than most texts that are read so. */
const SCRATCH = Buffer.alloc(64);

/** Writes the field of a string as it is read in a file. @throws TextNeededError where it is not */
export function writeText(
  read: FieldReader,
  text: string,
  target: TupleTarget,
  at: number,
): number {
  const length = asciiLength(text);
  const bytes = length < 0 ? Buffer.from(text) : SCRATCH;
  const end = read(bytes, 0, length < 0 ? bytes.length : length, target, at);
  if (end === NOT_READ) throw new TextNeededError();
  return end;
}

/** Puts a short ASCII text into the scratch buffer. @returns its length, or -1 for any other */
function asciiLength(text: string): number {
  const { length } = text;
  if (length > SCRATCH.length) return -1;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return -1;
    SCRATCH[i] = unit;
  }
  return length;
}
