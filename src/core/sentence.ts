/** The text with a full stop at its end: for messages that close with what another program said, which may have one. */
export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
