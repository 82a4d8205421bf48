import type { InputPosition } from '../../input/record-batch.ts';

/** Where the input stood, as a load of a file stores it; undefined for what another program stored. */
export function inputPosition(stored: unknown): InputPosition | undefined {
  const { byteOffset, line, recordCount } = (stored ?? {}) as Partial<InputPosition>;
  if (byteOffset === undefined || line === undefined || recordCount === undefined) return undefined;
  return { byteOffset, line, recordCount };
}
