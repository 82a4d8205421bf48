/**
 * Where the tokens of JSON end in bytes of UTF-8. NOT_JSON stands for everything that is not well-formed, or goes on past
 * the line or the bytes: what is wrong then, `JsonTokens` says.
 */

import {
  BACKSLASH,
  BLANK,
  CARRIAGE_RETURN,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLUS,
  POINT,
  QUOTE,
  SMALL_LETTER,
  TAB,
  ZERO,
} from './ascii.ts';

export const NOT_JSON = -1;

const SMALL_E = 0x65;
const SMALL_U = 0x75;

/** Deeper values are left to the scanner. */
const MOST_LEVELS = 32;

/** Bytes at which the plain part of a string ends: a quote, a backslash, or a control character, which no string has. */
const ENDS_PLAIN = new Uint8Array(256).fill(1, 0, 0x20);
ENDS_PLAIN[QUOTE] = 1;
ENDS_PLAIN[BACKSLASH] = 1;

const WORDS: Readonly<Record<number, Buffer>> = Object.fromEntries(
  ['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]),
);
const ESCAPABLE = new Set(Buffer.from('"\\/bfnrtu'));
const HEX_DIGITS = new Set(Buffer.from('0123456789abcdefABCDEF'));

/** The next byte that is none between tokens of one line. */
export function endOfBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) at += 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB || byte === CARRIAGE_RETURN;
}

/** The next byte that is not plain content of a string; the end of the bytes where there is none. */
export function endOfPlainText(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  let at = from;
  while (at < length && ENDS_PLAIN[bytes[at] as number] === 0) at += 1;
  return at;
}

/** @param from its opening quote. @returns the byte after its closing one */
export function endOfString(bytes: Uint8Array, from: number): number {
  let at = endOfPlainText(bytes, from + 1);
  while (bytes[at] === BACKSLASH) {
    const end = endOfEscape(bytes, at);
    if (end === NOT_JSON) return NOT_JSON;
    at = endOfPlainText(bytes, end);
  }
  return bytes[at] === QUOTE ? at + 1 : NOT_JSON;
}

/** Whether a part of the bytes is one value on one line, with blanks around it or not. A deep one is said to be none. */
export function isJsonLine(bytes: Uint8Array, from: number, to: number): boolean {
  const end = endOfValue(bytes, endOfBlanks(bytes, from));
  if (end === NOT_JSON || end > to) return false;
  for (let at = end; at < to; at += 1) if (!isBlank(bytes[at])) return false;
  return true;
}

/** @returns the byte after any value on one line */
export function endOfValue(bytes: Uint8Array, from: number, levels = 0): number {
  const byte = bytes[from];
  if (byte === QUOTE) return endOfString(bytes, from);
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET)
    return levels < MOST_LEVELS ? endOfContainer(bytes, from, levels + 1) : NOT_JSON;
  const word = WORDS[byte ?? 0];
  return word === undefined ? endOfNumber(bytes, from) : endOfWord(bytes, from, word);
}

function endOfContainer(bytes: Uint8Array, from: number, levels: number): number {
  const isObject = bytes[from] === OPEN_BRACE;
  const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
  let at = endOfBlanks(bytes, from + 1);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    if (isObject) at = endOfKey(bytes, at);
    if (at !== NOT_JSON) at = endOfValue(bytes, at, levels);
    if (at === NOT_JSON) return NOT_JSON;
    at = endOfBlanks(bytes, at);
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== COMMA) return NOT_JSON;
    at = endOfBlanks(bytes, at + 1);
  }
}

/** @returns where its value begins */
function endOfKey(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return NOT_JSON;
  const end = endOfString(bytes, from);
  if (end === NOT_JSON) return NOT_JSON;
  const colon = endOfBlanks(bytes, end);
  return bytes[colon] === COLON ? endOfBlanks(bytes, colon + 1) : NOT_JSON;
}

function endOfWord(bytes: Uint8Array, from: number, word: Buffer): number {
  for (let i = 0; i < word.length; i += 1) if (bytes[from + i] !== word[i]) return NOT_JSON;
  return from + word.length;
}

function endOfNumber(bytes: Uint8Array, from: number): number {
  const start = bytes[from] === MINUS ? from + 1 : from;
  let at = bytes[start] === ZERO ? start + 1 : endOfDigits(bytes, start);
  if (at !== NOT_JSON && bytes[at] === POINT) at = endOfDigits(bytes, at + 1);
  if (at === NOT_JSON || ((bytes[at] ?? 0) | SMALL_LETTER) !== SMALL_E) return at;
  const sign = bytes[at + 1];
  return endOfDigits(bytes, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** At least one. */
function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at += 1;
  return at > from ? at : NOT_JSON;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

function endOfEscape(bytes: Uint8Array, from: number): number {
  const letter = bytes[from + 1] ?? 0;
  if (!ESCAPABLE.has(letter)) return NOT_JSON;
  if (letter !== SMALL_U) return from + 2;
  for (let at = from + 2; at < from + 6; at += 1)
    if (!HEX_DIGITS.has(bytes[at] ?? 0)) return NOT_JSON;
  return from + 6;
}
