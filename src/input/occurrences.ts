/** How many times a character is in a string, or its byte in bytes. */
export function occurrences(text: string | Buffer, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}
