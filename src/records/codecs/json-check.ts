/** Whether text is JSON, found out without building what it describes: of small pieces that takes 40 times the text. */

import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from '../../core/ascii.ts';
import { JsonFault, JsonTokens } from '../../core/json-tokens.ts';
import { PIECE_LENGTH } from '../../core/text-windows.ts';

/** PostgreSQL gives up on fewer levels; only long texts are held to it here. */
const MAX_DEPTH = 100_000;

export function isJson(text: string): boolean {
  try {
    // Several times as fast, and short texts are what most records have.
    if (text.length <= PIECE_LENGTH) JSON.parse(text);
    else readDocument(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonFault) return false;
    throw error;
  }
}

/** A loop, not a recursion: nesting must not be bounded by the stack. */
function readDocument(text: string): void {
  const tokens = new JsonTokens();
  tokens.begin(text);
  const closing: number[] = [];
  do {
    readValue(tokens, closing);
    endValues(tokens, closing);
  } while (closing.length > 0);
  if (!tokens.atEnd) throw tokens.fault('expected the end of the text');
}

/** Into containers, up to the end of the first scalar or empty container. */
function readValue(tokens: JsonTokens, closing: number[]): void {
  for (;;) {
    tokens.skipBlanks();
    if (tokens.code() === QUOTE) return void tokens.skipString();
    const close = closingOf(tokens.code());
    if (close === undefined) return void tokens.readScalar();
    tokens.accept(tokens.code());
    tokens.skipBlanks();
    if (tokens.accept(close)) return;
    closing.push(close);
    if (closing.length > MAX_DEPTH) throw tokens.fault('expected fewer levels');
    if (close === CLOSE_BRACE) readKey(tokens);
  }
}

function closingOf(open: number): number | undefined {
  if (open === OPEN_BRACE) return CLOSE_BRACE;
  return open === OPEN_BRACKET ? CLOSE_BRACKET : undefined;
}

/** Past what ends after a value, up to the next one. */
function endValues(tokens: JsonTokens, closing: number[]): void {
  for (;;) {
    tokens.skipBlanks();
    const close = closing.at(-1);
    if (close === undefined) return;
    if (tokens.accept(COMMA)) {
      if (close === CLOSE_BRACE) readKey(tokens);
      return;
    }
    if (!tokens.accept(close)) throw tokens.fault('expected "," or the end of the container');
    closing.pop();
  }
}

function readKey(tokens: JsonTokens): void {
  tokens.skipBlanks();
  if (tokens.code() !== QUOTE) throw tokens.fault('expected a key in double quotes');
  tokens.skipString();
  tokens.skipBlanks();
  if (!tokens.accept(COLON)) throw tokens.fault('expected ":" after the key');
}
