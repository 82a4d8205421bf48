import { type FieldReader, NOT_READ, type TupleTarget } from './native-form.ts';

/** Longer than every text that is read so. */
const SCRATCH = Buffer.alloc(64);

/** Reads a short ASCII text as if it stood in a file; NOT_READ for any other. */
export function readText(read: FieldReader, text: string, target: TupleTarget, at: number): number {
  const { length } = text;
  if (length > SCRATCH.length) return NOT_READ;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return NOT_READ;
    SCRATCH[i] = unit;
  }
  return read(SCRATCH, 0, length, target, at);
}
