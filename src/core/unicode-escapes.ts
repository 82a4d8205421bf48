/** Text as JSON escapes of its UTF-16 units: `\u00e4`. */
export function unicodeEscapes(text: string): string {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
