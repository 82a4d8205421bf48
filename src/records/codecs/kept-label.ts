/** Finds the labels of an enum by their bytes. */

import type { KeptCheck } from './codec.ts';

/** In a file of JSON these bytes are a boolean as well, which is not a label. */
const BOOLEANS: ReadonlySet<string> = new Set(['true', 'false']);

export function isLabelOf(labels: readonly string[]): KeptCheck {
  const byPlace = new Map<number, Buffer[]>();
  for (const label of labels) {
    if (BOOLEANS.has(label)) continue;
    const bytes = Buffer.from(label);
    const place = placeOf(bytes, 0, bytes.length);
    byPlace.set(place, [...(byPlace.get(place) ?? []), bytes]);
  }
  return (source, from, to) => {
    const alike = byPlace.get(placeOf(source, from, to));
    if (alike === undefined) return false;
    for (const label of alike)
      if (label.length === to - from && isAt(source, from, label)) return true;
    return false;
  };
}

/** By length, first and last byte: of few labels each has its own. */
function placeOf(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return 0;
  return ((to - from) << 16) | ((bytes[from] as number) << 8) | (bytes[to - 1] as number);
}

function isAt(source: Uint8Array, from: number, label: Buffer): boolean {
  for (let i = 0; i < label.length; i += 1) if (source[from + i] !== label[i]) return false;
  return true;
}
