/** How many imports from memory write at the same time, decided from those of their task before. Pure. */

export interface SideBySide {
  /** Imports still to go one by one, because one had to give way to the one before it. */
  readonly alone: number;
  /** How many that will be the next time. */
  readonly nextAlone: number;
}

export const NONE_GAVE_WAY: SideBySide = { alone: 0, nextAlone: 4 };

/** @param most what the table and the settings allow */
export function importsAtOnce({ alone }: SideBySide, most: number): number {
  return alone > 0 ? 1 : most;
}

/**
 * Records of two imports meet in the same rows, and those that come will, too. Each time twice as many imports go one by
 * one, so that of n imports no more than log2 n do their work twice.
 */
export function afterGivingWay(before: SideBySide): SideBySide {
  // Imports that ran at the same time met the same.
  if (before.alone > 0) return before;
  return { alone: before.nextAlone, nextAlone: before.nextAlone * 2 };
}

export function afterImport({ alone, nextAlone }: SideBySide): SideBySide {
  return { alone: Math.max(0, alone - 1), nextAlone };
}
