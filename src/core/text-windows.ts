/** Long text, a piece at a time: what is done to one leaves little behind, and it is soon collected. */

/** Characters of a piece. */
export const PIECE_LENGTH = 64 * 1024;

/** The text in pieces of at most `PIECE_LENGTH` characters; a surrogate pair is never parted. */
export function* textWindows(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    const end = windowEnd(text, at);
    yield text.slice(at, end);
    at = end;
  }
}

/** The text with each piece replaced. For replacements of single characters: nothing may reach over two pieces. */
export function mapWindows(text: string, replaced: (window: string) => string): string {
  if (text.length <= PIECE_LENGTH) return replaced(text);
  return Array.from(textWindows(text), replaced).join('');
}

/** Where the piece that begins at `start` ends. */
export function windowEnd(text: string, start: number): number {
  const end = start + PIECE_LENGTH;
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
}
