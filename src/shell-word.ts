/** A string as one word of a shell's command line, so that a command of a hint can be run as it is printed. */
export function shellWord(text: string): string {
  return /^[\w.:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
