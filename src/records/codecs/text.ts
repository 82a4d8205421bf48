/** text, varchar(n), char(n), citext, name and "char". */

import { types } from 'node:util';
import { counted } from '../../core/figures.ts';
import { nativeText, textReader } from '../native/texts.ts';
import { asWritten, type Codec } from './codec.ts';
import { isAnyText, isTextOf } from './kept-text.ts';
import { codePoints, stageable, withoutTrailing } from './plain-text.ts';
import { Refusal } from './refusal.ts';

const VARHDRSZ = 4;
const NAME_BYTES = 63;

/** Text of any value that has an obvious one. */
function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return stageable(value);
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (types.isDate(value) && !Number.isNaN(value.getTime())) return value.toISOString();
      throw new Refusal(value, 'is not text', { hint: hintFor(value), preview: false });
  }
}

function hintFor(value: unknown): string {
  if (ArrayBuffer.isView(value)) return "Decode bytes first, for example buffer.toString('utf8').";
  return 'Convert it first, for example with JSON.stringify(value) or String(value).';
}

export function textCodec(): Codec {
  const native = nativeText(textOf, { canonical: true });
  return { fastPath: 'text', encode: textOf, isKept: isAnyText, canonical: asWritten, native };
}

/** citext compares without regard to case by the rules of the database's locale: no canonical text. */
export function citextCodec(): Codec {
  const native = nativeText(textOf, { canonical: false });
  return { fastPath: 'text', encode: textOf, isKept: isAnyText, native };
}

/** varchar(n): blanks past the n-th character are cut off by the server, anything else is an error there. */
export function varcharCodec(typmod: number): Codec {
  const limit = typmod - VARHDRSZ;
  if (limit <= 0) return textCodec();
  const encode = (value: unknown) => withinLength(textOf(value), limit);
  return {
    fastPath: 'text',
    maxLength: limit,
    encode,
    isKept: isTextOf(limit),
    native: nativeText(encode, { canonical: false, fittingBytes: limit }),
    canonical: (text) => (text.length > limit ? cutBlanks(text, limit) : text),
  };
}

/** char(n): trailing blanks carry no meaning, so they are not part of a key. */
export function bpcharCodec(typmod: number): Codec {
  const varchar = varcharCodec(typmod);
  // Without a modifier it takes any length, but a blank at the end counts no more than with one.
  const fittingBytes = varchar.maxLength ?? Number.MAX_SAFE_INTEGER;
  const native = nativeText(varchar.encode, { canonical: false, fittingBytes });
  return { ...varchar, native, canonical: (text) => withoutTrailing(text, ' ') };
}

function withinLength(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const length = codePoints(text);
  if (length <= limit || codePoints(withoutTrailing(text, ' ')) <= limit) return text;
  throw new Refusal(text, `is longer than ${counted(limit, 'character')}`, {
    preview: false,
  });
}

/** Only blanks can be past the limit here, so code points before it are all that is counted. */
function cutBlanks(text: string, limit: number): string {
  let end = 0;
  let count = 0;
  for (const character of text) {
    if (count === limit) break;
    count += 1;
    end += character.length;
  }
  return text.slice(0, end);
}

/** The server would cut a longer identifier silently. */
export function nameCodec(): Codec {
  const encode = (value: unknown): string => {
    const text = textOf(value);
    if (Buffer.byteLength(text) <= NAME_BYTES) return text;
    throw new Refusal(value, `is longer than ${NAME_BYTES} bytes`, { preview: false });
  };
  return {
    encode,
    canonical: asWritten,
    isKept: isTextOf(NAME_BYTES),
    native: { write: nativeText(encode, { canonical: false }).write, read: textReader(NAME_BYTES) },
  };
}

/** "char" is one byte; the server would drop the rest. Its octal form is PostgreSQL 16's. */
export function singleByteCodec(): Codec {
  return {
    encode(value) {
      const text = textOf(value);
      const isOneByte = text.length <= 1 && text < '\u0080';
      if (isOneByte || /^\\[0-3][0-7]{2}$/.test(text)) return text;
      throw new Refusal(value, 'is more than one single-byte character');
    },
  };
}
