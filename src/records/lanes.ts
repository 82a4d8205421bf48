/** Spreads records over parallel lanes so that records with equal keys always share one (G3). */

import type { TargetColumn, TargetTable } from '../core/target-table.ts';
import { codecOf } from './codecs/codec-of.ts';

export interface KeyLanes {
  /** False: order within a key can only be kept on one lane. */
  readonly supported: boolean;
  /** Why not, for people. */
  readonly reason?: string;
}

/**
 * Whether records of the table may be loaded on several lanes. One key column whose equal values
 * have equal text is enough: records with equal keys are equal in it, and so share a lane.
 */
export function keyLanes(table: TargetTable, staged: readonly TargetColumn[]): KeyLanes {
  if (table.key.length === 0) return { supported: true };
  const keyed = staged.filter((column) => table.key.includes(column.name));
  if (keyed.length === 0) {
    return { supported: false, reason: 'the key gets no value from the records' };
  }
  if (keyed.some(hasCanonicalText)) return { supported: true };
  const names = keyed.map((column) => `"${column.name}" (${column.sqlType})`).join(', ');
  return {
    supported: false,
    reason: `equal values of the key ${names} can be written in different ways`,
  };
}

/** The staged key columns that decide the lane; none when the table has no usable key. */
function laneColumns(table: TargetTable, staged: readonly TargetColumn[]): readonly TargetColumn[] {
  return staged.filter((column) => table.key.includes(column.name) && hasCanonicalText(column));
}

/** How the lane of a record is decided. */
export interface LaneKey {
  /** Columns whose texts are added to the hash; none where no key decides. */
  readonly columns: readonly TargetColumn[];
  readonly hash: LaneHash | undefined;
}

/** @param lanes more than one only where `keyLanes` supports them */
export function laneKey(
  table: TargetTable,
  staged: readonly TargetColumn[],
  lanes: number,
): LaneKey {
  const columns = lanes > 1 ? laneColumns(table, staged) : [];
  return { columns, hash: columns.length > 0 ? new LaneHash(lanes) : undefined };
}

function hasCanonicalText(column: TargetColumn): boolean {
  return column.deterministic && codecOf(column.type).canonical !== undefined;
}

/** FNV-1a over the keys of one record after another. */
export class LaneHash {
  readonly #lanes: number;
  #hash = 0;

  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  start(): void {
    this.#hash = 0x811c9dc5;
  }

  add(text: string): void {
    let hash = this.#hash;
    for (let i = 0; i < text.length; i += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    // No UTF-16 unit has this value, so ('a', 'bc') and ('ab', 'c') part ways.
    this.#hash = Math.imul(hash ^ 0x10000, 0x01000193);
  }

  addBytes(bytes: Uint8Array, from: number, to: number): void {
    let hash = this.#hash;
    for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
    this.#hash = Math.imul(hash ^ 0x10000, 0x01000193);
  }

  get lane(): number {
    // The low bits of FNV alone depend on the low bits of the text alone; the fold mixes all of them.
    const mixed = Math.imul(this.#hash ^ (this.#hash >>> 15), 0x2c1b3c6d);
    return ((mixed ^ (mixed >>> 13)) >>> 0) % this.#lanes;
  }
}
