/** The next byte that is not white space; `to` where there is none. */
export function endOfSpace(source: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(source[at] as number)) at += 1;
  return at;
}

/** Where the white space begins that stands before `to`; `to` where there is none. */
export function startOfSpace(source: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && isSpace(source[at - 1] as number)) at -= 1;
  return at;
}

/** What C's isspace calls so. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
