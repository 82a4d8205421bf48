/** A parameter of a statement as the server reads it: as text, or as bytes. */
export function parameterText(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return arrayText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function arrayText(values: readonly unknown[]): string {
  return `{${values.map(elementText).join(',')}}`;
}

function elementText(value: unknown): string {
  if (Array.isArray(value)) return arrayText(value);
  const text = parameterText(value);
  if (text === null) return 'NULL';
  // Bytes as bytea spells them.
  const plain = typeof text === 'string' ? text : `\\x${text.toString('hex')}`;
  return `"${plain.replaceAll(/["\\]/g, '\\$&')}"`;
}
